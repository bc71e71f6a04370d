//go:build !node && (linux || darwin)

package local

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// One cluster of three members goes through a day of use.
func TestThreeMembers(t *testing.T) {
	t.Parallel()
	c := newCluster(t)

	t.Run("UpWaitsForQuorumAndEveryHeartbeat", func(t *testing.T) {
		res := mustUp(t, c, 3, 2)
		if !res.Created || len(res.Recovered) > 0 {
			t.Errorf("up: %+v", res)
		}
		wantNames(t, "started", res.Started, "etcd-1", "etcd-2", "etcd-3", "agent-1", "agent-2")
		wantNames(t, "heartbeats", heartbeats(t, c), "node-1", "node-2")
	})
	t.Run("OnlyTheUserMayLook", func(t *testing.T) { wantPrivate(t, c.dir) })
	t.Run("DescribeTellsWhatAClientNeeds", func(t *testing.T) {
		d, err := c.Describe()
		if err != nil {
			t.Fatal(err)
		}
		if !d.Exists || len(d.Members) != 3 || d.Members[2].Endpoint != d.Endpoints[2] {
			t.Errorf("%+v", d)
		}
		wantNames(t, "hosts", d.Hosts, "node-1", "node-2")
	})
	t.Run("SecondUpStartsNothing", func(t *testing.T) {
		res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded)
		if res.Created {
			t.Error("created again")
		}
		wantNames(t, "started", res.Started)
		wantNames(t, "running", res.Running, "etcd-1", "etcd-2", "etcd-3", "agent-1", "agent-2")
	})
	t.Run("UpStartsOnlyWhatWasKilled", func(t *testing.T) {
		mustKill(t, c, "etcd-2", KILL)
		mustKill(t, c, "agent-1", KILL)
		res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded)
		wantNames(t, "started", res.Started, "etcd-2", "agent-1")
		if len(res.Recovered) != 2 {
			t.Errorf("recovered: %q", res.Recovered)
		}
	})
	t.Run("UpResumesWhatIsPaused", func(t *testing.T) {
		mustKill(t, c, "etcd-3", STOP)
		wantState(t, c, "etcd-3", model.ProcessPaused)
		res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded)
		wantNames(t, "resumed", res.Resumed, "etcd-3")
		wantNames(t, "started", res.Started)
	})
	t.Run("MoreAgentsAreAdded", func(t *testing.T) {
		res := mustUp(t, c, MembersAsRecorded, 3)
		wantNames(t, "started", res.Started, "agent-3")
		wantNames(t, "heartbeats", heartbeats(t, c), "node-1", "node-2", "node-3")
	})
	t.Run("FewerAgentsStopsTheRest", func(t *testing.T) {
		mustKill(t, c, "agent-3", STOP) // a paused one revokes its lease all the same
		res := mustUp(t, c, MembersAsRecorded, 1)
		wantNames(t, "stopped", res.Stopped, "agent-2", "agent-3")
		wantNames(t, "heartbeats", heartbeats(t, c), "node-1")
	})
	t.Run("OneProcessIsStartedWhileTheOthersAreDown", func(t *testing.T) {
		mustKill(t, c, "etcd-1", KILL)
		mustKill(t, c, "etcd-2", KILL)
		if res, err := c.Start(within(t, 5*time.Second), "etcd-2"); err != nil || res.AlreadyRunning {
			t.Errorf("start: %+v, %v", res, err)
		}
		wantNames(t, "heartbeats", heartbeats(t, c), "node-1") // two of three are a quorum
		wantNames(t, "started", mustUp(t, c, MembersAsRecorded, AgentsAsRecorded).Started, "etcd-1")
	})
	t.Run("MembersStayAsManyAsTheyAre", func(t *testing.T) {
		_, err := c.Up(t.Context(), UpOptions{Members: 5, Agents: AgentsAsRecorded})
		if _, ok := errors.AsType[*InvalidError](err); !ok {
			t.Errorf("up with 5 members: %v", err)
		}
	})
	t.Run("KeptDataComesBack", func(t *testing.T) {
		if _, err := client(t, c).Put(t.Context(), "kept", "yes"); err != nil {
			t.Fatal(err)
		}
		if res := mustDown(t, c, DownOptions{KeepData: true}); !res.Kept || len(res.Ended) != 4 {
			t.Errorf("down: %+v", res)
		}
		wantNoStray(t, c, nil)
		if res := mustDown(t, c, DownOptions{KeepData: true}); !res.Already {
			t.Errorf("second down: %+v", res)
		}
		if res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded); len(res.Recovered) > 0 {
			t.Errorf("a cluster that was stopped in good order is said to have had %q", res.Recovered)
		}
		resp, err := client(t, c).Get(t.Context(), "kept")
		if err != nil || len(resp.Kvs) != 1 || string(resp.Kvs[0].Value) != "yes" {
			t.Errorf("get: %v, %v", resp, err)
		}
	})
	t.Run("UpRecoversWhenEverythingWasKilled", func(t *testing.T) {
		st := mustLoad(t, c)
		for _, r := range st.Processes {
			if err := syscall.Kill(r.Run.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := awaitGone(within(t, 5*time.Second), st.Processes); err != nil || len(left) > 0 {
			t.Fatalf("still there: %v, %v", names(left), err)
		}
		res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded)
		wantNames(t, "started", res.Started, "etcd-1", "etcd-2", "etcd-3", "agent-1")
		if len(res.Recovered) != 4 {
			t.Errorf("recovered: %q", res.Recovered)
		}
	})
	t.Run("DownLeavesNoProcessAndNoFile", func(t *testing.T) {
		mustKill(t, c, "agent-1", STOP) // a paused one is no exception
		mustDown(t, c, DownOptions{})
		wantNothing(t, c)
		if res := mustDown(t, c, DownOptions{}); !res.Already {
			t.Errorf("second down: %+v", res)
		}
	})
}

func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a member's temporary file
		}
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInterruptedUpIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	ctx, cancel := context.WithCancel(within(t, 30*time.Second))
	_, err := c.Up(ctx, UpOptions{Members: 1, Agents: 1, Progress: func(s Step) {
		if s.Total > 0 { // the members are started, and not yet waited for
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("up: %v", err)
	}
	wantNoStray(t, c, mustLoad(t, c).Processes)
	wantState(t, c, "etcd-1", model.ProcessRunning)

	res := mustUp(t, c, MembersAsRecorded, AgentsAsRecorded)
	wantNames(t, "running", res.Running, "etcd-1")
	wantNames(t, "started", res.Started, "agent-1")
	if len(res.Recovered) != 1 {
		t.Errorf("recovered: %q", res.Recovered)
	}
}

func TestUpReportsTheLogOfAMemberThatEnds(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	mustUp(t, c, 1, 0)
	mustDown(t, c, DownOptions{KeepData: true})
	// A member cannot open a store that is not one.
	if err := os.WriteFile(filepath.Join(c.dataPath("etcd-1"), "member", "snap", "db"), []byte("junk"), fileMode); err != nil {
		t.Fatal(err)
	}
	_, err := c.Up(within(t, 30*time.Second), UpOptions{Members: MembersAsRecorded, Agents: AgentsAsRecorded})
	var exited *ExitedError
	if !errors.As(err, &exited) || exited.Process != "etcd-1" || len(exited.Last) == 0 {
		t.Fatalf("up: %v", err)
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	mustUp(t, c, 1, 0)
	mustDown(t, c, DownOptions{KeepData: true})
	d, err := c.Describe()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", strings.TrimPrefix(d.Endpoints[0], "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, err = c.Up(within(t, 10*time.Second), UpOptions{Members: MembersAsRecorded, Agents: AgentsAsRecorded})
	var taken *PortTakenError
	if !errors.As(err, &taken) || taken.Process != "etcd-1" || loopbackURL(taken.Port) != d.Endpoints[0] {
		t.Errorf("up: %v", err)
	}
}

func TestDownFindsProcessesWithoutARecord(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(c *Cluster) error{
		"spoilt record":     func(c *Cluster) error { return os.WriteFile(c.path(stateFile), []byte("{"), fileMode) },
		"removed record":    func(c *Cluster) error { return os.Remove(c.path(stateFile)) },
		"removed directory": func(c *Cluster) error { return os.RemoveAll(c.dir) },
	} {
		t.Run(name, func(t *testing.T) {
			c, st := bareClients(t, 1, 1)
			awaitLog(t, c, st.Processes)
			if err := lose(c); err != nil {
				t.Fatal(err)
			}
			res := mustDown(t, c, DownOptions{})
			if res.Already || len(res.Ended) != 2 && name != "spoilt record" {
				t.Errorf("down: %+v", res)
			}
			wantNothing(t, c)
		})
	}
}

func TestDownLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	c := Open(t.TempDir())
	theirs := []string{filepath.Join(binDir, "tool"), filepath.Join(dataDir, "book"), filepath.Join(logDir, "syslog"), "notes"}
	for _, name := range theirs {
		if err := os.MkdirAll(filepath.Dir(c.path(name)), dirMode); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.path(name), nil, fileMode); err != nil {
			t.Fatal(err)
		}
	}
	if res := mustDown(t, c, DownOptions{}); !res.Already {
		t.Errorf("down: %+v", res)
	}
	for _, name := range theirs {
		if _, err := os.Stat(c.path(name)); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryOptionOutOfRangeIsReported(t *testing.T) {
	t.Parallel()
	err := UpOptions{Members: 2, Agents: -2, Aggregators: 6, Tuning: Tuning{HeartbeatInterval: 1, ElectionTimeout: -1, LeaderTTL: 1}}.Validate()
	for _, option := range []string{"members", "agents", "aggregators", "heartbeat interval", "election timeout", "leader"} {
		if err == nil || !strings.Contains(err.Error(), "\n"+option) && !strings.HasPrefix(err.Error(), option) {
			t.Errorf("%s: %v", option, err)
		}
	}
	for _, members := range []int{MembersAsRecorded, 1, 3, 5} {
		if err := (UpOptions{Members: members, Agents: 0}).Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestNoClusterIsSaidAndLeavesNoTrace(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	_, killed := c.Kill(t.Context(), "etcd-1", KILL)
	_, started := c.Start(t.Context(), "etcd-1")
	_, listed := c.Processes(t.Context())
	for _, err := range []error{killed, started, listed} {
		if !errors.Is(err, ErrNoCluster) {
			t.Errorf("%v", err)
		}
	}
	if d, err := c.Describe(); err != nil || d.Exists {
		t.Errorf("describe: %+v, %v", d, err)
	}
	wantNothing(t, c)
}

func TestSettingsOfTheCallerAreNotHandedDown(t *testing.T) {
	t.Setenv(envPrefix+"ENDPOINTS", "elsewhere")
	t.Setenv("OTHER", "kept")
	env := environment(model.ProcessAgent)
	if slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, envPrefix) }) {
		t.Error("a setting is handed down")
	}
	if !slices.Contains(env, "OTHER=kept") {
		t.Error("the rest of the environment is lost")
	}
}

func TestMembersCollectGarbageSeldomUnlessTheCallerSaysWhen(t *testing.T) {
	last := func(role model.ProcessRole) string {
		value := ""
		for _, kv := range environment(role) {
			if name, v, _ := strings.Cut(kv, "="); name == "GOGC" {
				value = v // the last one counts (os/exec)
			}
		}
		return value
	}
	t.Setenv("GOGC", "77")
	if got := last(model.ProcessMember); got != "77" {
		t.Errorf("a member has GOGC=%s and not the caller's", got)
	}
	if err := os.Unsetenv("GOGC"); err != nil {
		t.Fatal(err)
	}
	if member, agent := last(model.ProcessMember), last(model.ProcessAgent); member != "400" || agent != "" {
		t.Errorf("GOGC=%s for a member, %q for an agent", member, agent)
	}
}
