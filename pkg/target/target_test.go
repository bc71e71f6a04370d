package target_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

// recorded is the state directory of a local cluster that has been written down
// and not started.
func recorded(t *testing.T, dir string, members, agents int) local.Description {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := local.Open(dir)
	_, err := c.Up(ctx, local.UpOptions{Members: members, Agents: agents, Aggregators: 2, Progress: func(local.Step) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("writing a cluster down: %v", err)
	}
	d, err := c.Describe()
	if err != nil || !d.Exists {
		t.Fatalf("no cluster is written down: %+v, %v", d, err)
	}
	return d
}

func TestEndpointsBeatTheCurrentTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := recorded(t, filepath.Join(dir, "local"), 1, 0)
	if err := target.SetCurrent(dir, target.Choice{Local: d.Dir}); err != nil {
		t.Fatal(err)
	}
	got, err := target.Resolve(t.Context(), target.Options{StateDir: dir, Endpoints: []string{"etcd.example:2379"}})
	if err != nil || got.Name != "endpoints etcd.example:2379" {
		t.Errorf("with endpoints: %+v, %v", got, err)
	}
	got, err = target.Resolve(t.Context(), target.Options{StateDir: dir})
	if err != nil || got.Name != "local cluster in "+d.Dir {
		t.Errorf("without: %+v, %v", got, err)
	}
}

// Not parallel: what --local means is in the environment.
func TestLocalBeatsTheCurrentTarget(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_STATE_HOME", home)
	state, err := target.DefaultStateDir()
	if err != nil || state != filepath.Join(home, "kubectl-monitor") {
		t.Fatalf("state directory is %q, %v", state, err)
	}
	if err := target.SetCurrent(state, target.Choice{Local: recorded(t, t.TempDir(), 1, 0).Dir}); err != nil {
		t.Fatal(err)
	}
	if _, err := target.Resolve(t.Context(), target.Options{StateDir: state, Local: true}); !errors.Is(err, local.ErrNoCluster) {
		t.Errorf("--local without a local cluster: %v", err)
	}
	d := recorded(t, filepath.Join(state, "local"), 1, 0)
	got, err := target.Resolve(t.Context(), target.Options{StateDir: state, Local: true})
	if err != nil || got.Name != "local cluster in "+d.Dir {
		t.Errorf("--local: %+v, %v", got, err)
	}
}

func TestLocalTargetIsAsRecorded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := recorded(t, filepath.Join(dir, "local"), 3, 2)
	if err := target.SetCurrent(dir, target.Choice{Local: d.Dir}); err != nil {
		t.Fatal(err)
	}
	got, err := target.Resolve(t.Context(), target.Options{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := &target.Target{Name: "local cluster in " + d.Dir, Hosts: []string{"node-1", "node-2"}, Advertised: true, Aggregators: []string{"aggregator-1", "aggregator-2"}, Local: d.Dir}
	want.Etcd.Endpoints = d.Endpoints
	for i, name := range []string{"etcd-1", "etcd-2", "etcd-3"} {
		want.Members = append(want.Members, target.Member{Name: name, Endpoint: d.Endpoints[i]})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoTargetSaysWhatHelps(t *testing.T) {
	t.Parallel()
	_, err := target.Resolve(t.Context(), target.Options{StateDir: t.TempDir()})
	var none *target.NoTargetError
	if !errors.As(err, &none) || none.Hint() != "local up" || !strings.Contains(err.Error(), "--endpoints") {
		t.Errorf("without a target: %v", err)
	}
}

func TestCurrentTargetThatIsGoneSaysWhatHelps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := target.SetCurrent(dir, target.Choice{Local: filepath.Join(dir, "gone")}); err != nil {
		t.Fatal(err)
	}
	_, err := target.Resolve(t.Context(), target.Options{StateDir: dir})
	var hint interface{ Hint() string }
	if !errors.Is(err, local.ErrNoCluster) || !errors.As(err, &hint) || hint.Hint() != "local up" {
		t.Errorf("with a cluster that is gone: %v", err)
	}
}

func TestKubernetesIsMeantWhereNothingElseIs(t *testing.T) {
	t.Parallel()
	inKubernetes := &target.Target{Name: "kubernetes"}
	open := func(context.Context) (*target.Target, error) { return inKubernetes, nil }
	empty, chosen := t.TempDir(), t.TempDir()
	if err := target.SetCurrent(chosen, target.Choice{Endpoints: "e:1"}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what    string
		options target.Options
		want    bool
	}{
		{"nothing named, no current target", target.Options{StateDir: empty}, true},
		{"nothing named, and a current target", target.Options{StateDir: chosen}, false},
		{"named, and a current target", target.Options{StateDir: chosen, InKubernetes: true}, true},
		{"endpoints named", target.Options{StateDir: empty, Endpoints: []string{"e:1"}}, false},
	} {
		tc.options.Kubernetes = open
		got, err := target.Resolve(t.Context(), tc.options)
		if err != nil || (got == inKubernetes) != tc.want {
			t.Errorf("%s: %+v, %v", tc.what, got, err)
		}
	}
}
