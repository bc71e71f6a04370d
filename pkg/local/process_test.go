//go:build !node && (linux || darwin)

package local

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// awaitLog waits until the processes have said something: until then they may
// still stand at their gates.
func awaitLog(t *testing.T, c *Cluster, records []*record) {
	t.Helper()
	for _, r := range records {
		ctx, cancel := context.WithCancel(within(t, 10*time.Second))
		if err := c.Log(ctx, writerFunc(cancel), r.Name, LogOptions{Tail: -1, Follow: true}); !errors.Is(err, context.Canceled) {
			t.Fatalf("log of %s: %v", r.Name, err)
		}
	}
}

type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

func TestRecycledPIDIsNeverSignalled(t *testing.T) {
	t.Parallel()
	c, st := bareAgents(t, 1)
	r := st.Processes[0]
	truth := *r.Run
	for name, forge := range map[string]func(*run){
		"of another start": func(f *run) { f.Start++ },
		"of another boot":  func(f *run) { f.Boot = "earlier" },
	} {
		t.Run(name, func(t *testing.T) {
			forged := truth
			forge(&forged)
			r.Run = &forged
			if err := c.save(st); err != nil {
				t.Fatal(err)
			}
			res, err := c.Kill(within(t, 5*time.Second), r.Name, KILL)
			if err != nil || !res.AlreadyDead {
				t.Errorf("kill: %+v, %v", res, err)
			}
			if sent, err := r.Run.signal(KILL); sent || err != nil {
				t.Errorf("signal: %v, %v", sent, err)
			}
			if s, err := truth.sight(); s == nil || err != nil {
				t.Errorf("the process that has the pid was hit (%v)", err)
			}
		})
	}
	r.Run = &truth
	if err := c.save(st); err != nil {
		t.Fatal(err)
	}
}

func TestRestartOfTheMachineIsSeen(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	mustUp(t, c, 1, 0)
	mustKill(t, c, "etcd-1", KILL)
	st := mustLoad(t, c)
	st.Processes[0].Run.Boot, st.Processes[0].Run.End = "earlier", nil
	if err := c.save(st); err != nil {
		t.Fatal(err)
	}
	res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded)
	wantNames(t, "recovered", res.Recovered, reasonRestarted)
	wantNames(t, "started", res.Started, "etcd-1")
}

func TestKillAndStart(t *testing.T) {
	t.Parallel()
	c, st := bareAgents(t, 1)
	awaitLog(t, c, st.Processes) // from then on it knows how to end in good order
	ctx := within(t, 20*time.Second)

	mustKill(t, c, "agent-1", STOP)
	wantState(t, c, "agent-1", model.ProcessPaused)
	if res, err := c.Start(ctx, "agent-1"); err != nil || !res.AlreadyRunning || res.Process.State != model.ProcessPaused {
		t.Errorf("start of a paused one: %+v, %v", res, err)
	}
	mustKill(t, c, "agent-1", CONT)
	first := wantState(t, c, "agent-1", model.ProcessRunning)

	mustKill(t, c, "agent-1", KILL)
	wantState(t, c, "agent-1", model.ProcessDead)
	if res, err := c.Kill(ctx, "agent-1", KILL); err != nil || !res.AlreadyDead {
		t.Errorf("second kill: %+v, %v", res, err)
	}
	if res, err := c.Start(ctx, "agent-1"); err != nil || res.AlreadyRunning {
		t.Errorf("start: %+v, %v", res, err)
	}
	if second := wantState(t, c, "agent-1", model.ProcessRunning); second.PID == first.PID {
		t.Errorf("pid %d again", second.PID)
	}
	mustKill(t, c, "agent-1", STOP)
	if res, err := c.Kill(ctx, "agent-1", TERM); err != nil || res.Process.State != model.ProcessPaused {
		t.Errorf("TERM to a paused one: %+v, %v", res, err)
	}
	mustKill(t, c, "agent-1", CONT)
	if left, err := awaitGone(ctx, mustLoad(t, c).Processes); err != nil || len(left) > 0 {
		t.Errorf("it goes on after TERM and CONT: %v, %v", names(left), err)
	}
	wantState(t, c, "agent-1", model.ProcessStopped)

	_, err := c.Kill(ctx, "agent-9", KILL)
	var unknown *UnknownNameError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "agent-1") {
		t.Errorf("kill of an unknown name: %v", err)
	}
}

// TERM is reported as a stop, a death that nobody asked for as a death.
func TestTheRecordTellsHowAProcessEnded(t *testing.T) {
	t.Parallel()
	c, st := bareAgents(t, 2)
	awaitLog(t, c, st.Processes)
	mustKill(t, c, "agent-1", TERM)
	wantState(t, c, "agent-1", model.ProcessStopped)

	if err := syscall.Kill(st.Processes[1].Run.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if left, err := awaitGone(within(t, 5*time.Second), st.Processes); err != nil || len(left) > 0 {
		t.Fatalf("still there: %v, %v", names(left), err)
	}
	wantState(t, c, "agent-2", model.ProcessDead)
}

func TestUpKilledBeforeTheRecordLeavesNoProcess(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(c.dir, dirMode); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(self, dieCommand, c.dir).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.String() != "signal: killed" {
		t.Fatalf("it was to be killed: %v", err)
	}
	boot, err := bootID()
	if err != nil {
		t.Fatal(err)
	}
	var left []*record
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		r := &record{Run: &run{Boot: boot}}
		if _, err := fmt.Sscan(lines.Text(), &r.Run.PID, &r.Run.Start); err != nil {
			t.Fatal(err)
		}
		left = append(left, r)
	}
	if len(left) != 2 {
		t.Fatalf("it had started %d processes", len(left))
	}
	if left, err = awaitGone(within(t, 5*time.Second), left); err != nil || len(left) > 0 {
		t.Errorf("%d processes outlive it (%v)", len(left), err)
	}
	for _, name := range []string{"agent-1", "agent-2"} {
		if log, err := os.ReadFile(c.logPath(name)); err != nil || len(log) > 0 {
			t.Errorf("%s has run: %q, %v", name, log, err)
		}
	}
}
