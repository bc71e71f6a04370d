package cmd_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/etcd/etcdctl/v3/ctlv3"

	"github.com/kubectl-monitor/kubectl-monitor/cmd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

var update = flag.Bool("update", false, "write the generated files anew")

const program = "kubectl-monitor"

// quickExit keeps the race detector from pausing for a second before each program ends.
const quickExit = "atexit_sleep_ms=0"

// TestMain makes this test's binary two programs besides: ours, also for the
// processes that "local up" starts, and the real etcdctl.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		program: func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			context.AfterFunc(ctx, stop)
			os.Exit(cmd.Main(ctx, os.Args[1:], cmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
		},
		"etcdctl": ctlv3.MustStart,
	})
}

// TestStories tells how each command behaves, each story on a cluster of its own.
func TestStories(t *testing.T) {
	// Where SIGHUP is ignored, as nohup does, the stories' processes are not to inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "settings"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", quickExit)
			env.Setenv("ESCAPE", "\x1b]0;owned\a\x1b[2Jboo")
			env.Defer(func() { down(t, env.Vars) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       exits,
			"within":      within,
			"endpoints":   endpoints,
			"agrees":      agrees,
			"leased":      leased,
			"fetch":       fetch,
			"beats":       beats,
			"raftleader":  raftleader,
			"interrupted": interrupted,
		},
	})
}

// down leaves nothing of a story's cluster behind, however the story ended.
func down(t *testing.T, env []string) {
	t.Helper()
	c := exec.Command(program, "local", "down")
	c.Env = slices.Concat(env, []string{"XDG_CONFIG_HOME=" + t.TempDir()}) // whatever settings the story has made
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("local down: %v\n%s", err, out)
	}
}

// exits CODE COMMAND...: the command ends with just this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := code(ts.Exec(args[1], args[2:]...)); got != want || neg {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func code(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// within DURATION PATTERN COMMAND...: the command's standard output matches, at
// the latest when the time is over; with ! it ceases to.
func within(ts *testscript.TestScript, neg bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	begin := time.Now()
	for {
		_ = ts.Exec(args[2], args[3:]...)
		out := ts.ReadFile("stdout")
		if pattern.MatchString(out) != neg {
			return
		}
		if time.Since(begin) > limit {
			ts.Fatalf("not within %v: %s\n%s", limit, args[1], out)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// endpoints tells etcdctl where the story's local cluster is.
func endpoints(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Exec(program, "local", "status", "-o", "json"))
	urls, err := memberURLs([]byte(ts.ReadFile("stdout")))
	ts.Check(err)
	ts.Setenv("ETCDCTL_ENDPOINTS", urls)
	ts.Setenv("ENDPOINTS", urls)
}

func memberURLs(list []byte) (string, error) {
	return processURLs(list, func(p *model.Process) bool { return p.Role == model.ProcessMember })
}

// processURLs finds the URLs of some processes, by commas, in what "local status"
// prints.
func processURLs(list []byte, which func(*model.Process) bool) (string, error) {
	var processes model.ProcessList
	if err := json.Unmarshal(list, &processes); err != nil {
		return "", err
	}
	var urls []string
	for _, p := range processes.Items {
		if which(&p) {
			urls = append(urls, p.Endpoint)
		}
	}
	return strings.Join(urls, ","), nil
}

// fetch PROCESS PATH FILE: what one of the local cluster's processes answers over
// HTTP is in the file.
func fetch(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec(program, "local", "status", "-o", "json"))
	url, err := processURLs([]byte(ts.ReadFile("stdout")), func(p *model.Process) bool { return p.Name == args[0] })
	ts.Check(err)
	resp, err := http.Get(url + args[1])
	ts.Check(err)
	body, err := io.ReadAll(resp.Body)
	ts.Check(errors.Join(err, resp.Body.Close()))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), body, 0o600))
}

// leased TTL KEY VALUE: etcdctl puts the key on a new lease of TTL seconds.
func leased(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("etcdctl", "lease", "grant", args[0], "-w", "json"))
	var lease struct{ ID int64 }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &lease))
	ts.Check(ts.Exec("etcdctl", "put", "--lease", fmt.Sprintf("%x", lease.ID), args[1], args[2]))
}

// agrees: "members -o json" and etcdctl's endpoint status tell the same, field by
// field. What was written between the two is no disagreement: they are asked again.
func agrees(ts *testscript.TestScript, _ bool, _ []string) {
	var diff string
	for range 10 {
		if diff = disagreement(ts); diff == "" {
			return
		}
	}
	ts.Fatalf("members (-etcdctl +ours):\n%s", diff)
}

func disagreement(ts *testscript.TestScript) string {
	ts.Check(ts.Exec("etcdctl", "endpoint", "status", "--cluster", "-w", "json"))
	var theirs []struct {
		Endpoint string
		Status   struct {
			Header struct {
				MemberID uint64 `json:"member_id"`
				Revision int64  `json:"revision"`
			} `json:"header"`
			Version, StorageVersion     string
			DBSize                      int64 `json:"dbSize"`
			DBSizeInUse                 int64 `json:"dbSizeInUse"`
			DBSizeQuota                 int64 `json:"dbSizeQuota"`
			Leader, RaftIndex, RaftTerm uint64
			RaftAppliedIndex            uint64
			IsLearner                   bool
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &theirs))
	ts.Check(ts.Exec(program, "members", "-o", "json"))
	var ours model.MemberList
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &ours))
	rows := make(map[string]model.Member)
	for _, m := range ours.Items {
		// What etcdctl does not tell.
		m.Name, m.Endpoints, m.PeerURLs, m.Role, m.State, m.RaftLag = "", nil, nil, "", "", nil
		rows[m.ID] = m
	}
	want := make(map[string]model.Member)
	for _, e := range theirs {
		s := e.Status
		id := fmt.Sprintf("%x", s.Header.MemberID)
		want[id] = model.Member{
			ID: id, Endpoint: e.Endpoint, Version: s.Version, StorageVersion: s.StorageVersion,
			DBSize: &s.DBSize, DBSizeInUse: &s.DBSizeInUse, DBSizeQuota: &s.DBSizeQuota,
			LeaderID: fmt.Sprintf("%x", s.Leader), RaftTerm: &s.RaftTerm, RaftIndex: &s.RaftIndex,
			RaftApplied: &s.RaftAppliedIndex, Revision: &s.Header.Revision, IsLearner: s.IsLearner,
		}
	}
	return cmp.Diff(want, rows)
}
