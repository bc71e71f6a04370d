//go:build !node && (linux || darwin)

package local

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// newCluster is a cluster that is down, and is taken down when the test ends.
func newCluster(t *testing.T) *Cluster {
	t.Helper()
	c := Open(t.TempDir() + "/local")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if _, err := c.Down(ctx, DownOptions{}); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	return c
}

// bareAgents is a cluster without members whose agents run: processes at little cost.
func bareAgents(t *testing.T, n int) (*Cluster, *state) {
	t.Helper()
	return bareClients(t, n, 0)
}

func bareClients(t *testing.T, agents, aggregators int) (*Cluster, *state) {
	t.Helper()
	c := newCluster(t)
	st, err := newState(0, DefaultTuning())
	if err != nil {
		t.Fatal(err)
	}
	st.addAgents(agents)
	if err := st.addAggregators(aggregators); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(c.dir, dirMode); err != nil {
		t.Fatal(err)
	}
	if err := c.start(within(t, 10*time.Second), st, st.Processes); err != nil {
		t.Fatal(err)
	}
	return c, st
}

func mustLoad(t *testing.T, c *Cluster) *state {
	t.Helper()
	st, err := c.load()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// mustUp wants no aggregators.
func mustUp(t *testing.T, c *Cluster, members, agents int) UpResult {
	t.Helper()
	return mustUpWith(t, c, UpOptions{Members: members, Agents: agents})
}

func mustUpWith(t *testing.T, c *Cluster, o UpOptions) UpResult {
	t.Helper()
	res, err := c.Up(within(t, 30*time.Second), o)
	if err != nil {
		t.Fatalf("up: %v", err)
	}
	return res
}

func mustKill(t *testing.T, c *Cluster, name string, sig Signal) {
	t.Helper()
	res, err := c.Kill(within(t, 10*time.Second), name, sig)
	if err != nil {
		t.Fatal(err)
	}
	if res.AlreadyDead {
		t.Fatalf("%s was dead already: %s", name, res.Process.Reason)
	}
}

func mustDown(t *testing.T, c *Cluster, o DownOptions) DownResult {
	t.Helper()
	res, err := c.Down(within(t, 20*time.Second), o)
	if err != nil {
		t.Fatalf("down: %v", err)
	}
	return res
}

// wantNothing checks that neither a process nor a file is there.
func wantNothing(t *testing.T, c *Cluster) {
	t.Helper()
	wantNoStray(t, c, nil)
	if _, err := os.Lstat(c.dir); !os.IsNotExist(err) {
		left, _ := os.ReadDir(c.dir)
		t.Errorf("the state directory is still there, with %v (%v)", left, err)
	}
}

// wantNoStray checks that nothing runs that is not known, by the program that runs.
func wantNoStray(t *testing.T, c *Cluster, known []*record) {
	t.Helper()
	strays, err := c.strays(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	if len(strays) > 0 {
		t.Errorf("without a record there run %v", names(strays))
	}
}

func wantState(t *testing.T, c *Cluster, name string, want model.ProcessState) model.Process {
	t.Helper()
	list, err := c.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(p model.Process) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("no process %q in %v", name, list)
	}
	if list[i].State != want {
		t.Errorf("%s is %s (%s), want %s", name, list[i].State, list[i].Reason, want)
	}
	return list[i]
}

func wantNames(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// client is one of the whole cluster.
func client(t *testing.T, c *Cluster) *etcd.Client {
	t.Helper()
	d, err := c.Describe()
	if err != nil {
		t.Fatal(err)
	}
	cli, err := etcd.New(etcd.Config{Endpoints: d.Endpoints})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cli.Close)
	return cli
}

func heartbeats(t *testing.T, c *Cluster) []string {
	t.Helper()
	resp, err := client(t, c).Get(t.Context(), keys.HeartbeatPrefix, clientv3.WithPrefix())
	if err != nil {
		t.Fatal(err)
	}
	var hosts []string
	for _, kv := range resp.Kvs {
		host, err := keys.HeartbeatHost(string(kv.Key))
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, host)
	}
	return hosts
}
