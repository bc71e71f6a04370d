//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// patience is for what hangs; no promise of speed.
const patience = 6 * time.Minute

// result is what a command left behind.
type result struct {
	command        string
	stdout, stderr string
	code           int
	took           time.Duration
}

func (r result) String() string {
	return strconv.Quote(r.command) + " ended with " + strconv.Itoa(r.code) + " after " + r.took.String() + "\n" + r.stdout + r.stderr
}

// run runs a command to its end.
func run(t *testing.T, name string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	begin := time.Now()
	err := c.Run()
	r := result{strings.Join(append([]string{name}, args...), " "), stdout.String(), stderr.String(), 0, time.Since(begin)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		r.code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("%s: %v", r.command, err)
	}
	return r
}

// afterwards runs a command when the test has ended.
func afterwards(t *testing.T, name string, args ...string) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
			t.Logf("%s %q: %v: %s", name, args, err, out)
		}
	})
}

// monitor runs the program as a plugin: kubectl monitor ARGS.
func monitor(t *testing.T, args ...string) result {
	t.Helper()
	return run(t, "kubectl", append([]string{"monitor"}, args...)...)
}

func kubectl(t *testing.T, args ...string) result {
	t.Helper()
	return run(t, "kubectl", args...)
}

// ok wants the command to have ended well.
func (r result) ok(t *testing.T) result {
	t.Helper()
	return r.ends(t, 0)
}

// ends wants an exit code.
func (r result) ends(t *testing.T, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("want exit code %d: %v", code, r)
	}
	return r
}

// says wants what the command wrote to match an expression.
func (r result) says(t *testing.T, expression string) result {
	t.Helper()
	if !regexp.MustCompile("(?m)" + expression).MatchString(r.stdout + r.stderr) {
		t.Errorf("want %q: %v", expression, r)
	}
	return r
}

// saysNot wants it not to.
func (r result) saysNot(t *testing.T, expression string) result {
	t.Helper()
	if regexp.MustCompile("(?m)" + expression).MatchString(r.stdout + r.stderr) {
		t.Errorf("want no %q: %v", expression, r)
	}
	return r
}

// decode reads what the command wrote as JSON.
func decode[T any](t *testing.T, r result) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(r.stdout), &v); err != nil {
		t.Fatalf("%v: %v", err, r)
	}
	return v
}

// status is what status says, whatever its verdict.
func status(t *testing.T) model.Status {
	t.Helper()
	return decode[model.Status](t, monitor(t, "status", "-o", "json"))
}

// healthy waits until the verdict is HEALTHY with so many nodes alive.
func healthy(t *testing.T, alive int) {
	t.Helper()
	eventually(t, 3*time.Minute, "the verdict to be HEALTHY", func() (bool, any) {
		s := status(t)
		return s.Verdict == model.Healthy && s.Counts.Alive == alive, []any{s.Verdict, s.Reasons, s.Counts, s.Errors}
	})
}

// eventually waits until ok; what it shows is for the reader of a failure.
func eventually(t *testing.T, within time.Duration, what string, ok func() (done bool, seen any)) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		done, seen := ok()
		if done {
			return time.Since(begin)
		}
		if time.Since(begin) > within {
			t.Fatalf("waited %v for %s: %+v", within, what, seen)
		}
		time.Sleep(200 * time.Millisecond)
	}
}
