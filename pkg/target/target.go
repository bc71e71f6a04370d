// Package target decides which cluster a command talks to, and how it is
// reached: endpoints that the user names, the local cluster, the one in
// Kubernetes, or the current target that an earlier command has set.
package target

import (
	"context"
	"fmt"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Options is what the user says of the target: by flags, environment or file.
type Options struct {
	Endpoints         []string
	Discovery         string // a domain whose SRV records name the endpoints
	CACert, Cert, Key string // files
	Local             bool
	// InKubernetes tells that it is the cluster which Kubernetes opens. That one is
	// also meant where nothing is named and there is no current target. It gives
	// *NoTargetError if there is none.
	InKubernetes bool
	Kubernetes   func(context.Context) (*Target, error)
	// StateDir holds the current target; see DefaultStateDir.
	StateDir string
}

// Target is a cluster and the way to it.
type Target struct {
	Name    string // one line, for the reader
	Etcd    etcd.Config
	Members []Member // that the target itself names
	Hosts   []string // nodes that the target itself names
	// Aggregators are the names of those that the target itself says are deployed.
	Aggregators []string
	// Local is the state directory of a local cluster; empty for any other target.
	Local string
	// Kubernetes is the cluster around it; nil for any other target.
	Kubernetes Kubernetes
	// Advertised tells that the members' own addresses can be dialled from here.
	Advertised bool
}

// Kubernetes is what Kubernetes tells of what it runs.
type Kubernetes interface {
	// Facts tells of nodes and pods. What could not be read is among its errors.
	Facts(ctx context.Context) *model.Facts
	// MemberFacts is the part of Facts that concerns the members.
	MemberFacts(ctx context.Context) (facts []model.MemberFacts, errs []string)
	// Kubelets asks nodes themselves how their agents are. The error names a right
	// that is missing; what the others told is returned all the same.
	Kubelets(ctx context.Context, nodes []model.NodeFacts) (map[string]model.Kubelet, error)
}

// Member is a member that the target names.
type Member struct {
	Name     string
	Endpoint string
}

// NoTargetError tells that nothing says which cluster is meant.
type NoTargetError struct{}

func (*NoTargetError) Error() string {
	return "find a cluster: none is named by --endpoints, --local or a kubeconfig, and there is no current target"
}

// Hint is the command that helps.
func (*NoTargetError) Hint() string { return "local up" }

// InvalidError tells that the options contradict each other or are malformed.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

// Resolve finds the target that the options, else the current target, name.
func Resolve(ctx context.Context, o Options) (*Target, error) {
	switch {
	case o.InKubernetes && (o.Local || len(o.Endpoints) > 0 || o.Discovery != ""):
		return nil, &InvalidError{"--local, --endpoints and kubectl's flags name different targets: give one"}
	case o.InKubernetes:
		return o.Kubernetes(ctx)
	case o.Local && len(o.Endpoints) > 0:
		return nil, &InvalidError{"--local and --endpoints name two targets: give one"}
	case o.Discovery != "" && (o.Local || len(o.Endpoints) > 0):
		return nil, &InvalidError{"--local, --endpoints and --discovery-srv name different targets: give one"}
	case len(o.Endpoints) > 0:
		return byEndpoints(o)
	case o.Discovery != "":
		return byDiscovery(ctx, o)
	case o.CACert != "" || o.Cert != "" || o.Key != "":
		return nil, &InvalidError{"--cacert, --cert and --key go with --endpoints or --discovery-srv"}
	case o.Local:
		dir, err := local.DefaultDir()
		if err != nil {
			return nil, err
		}
		return byLocal(dir)
	}
	current, err := Current(o.StateDir)
	if err != nil {
		return nil, err
	}
	if current == (Choice{}) && o.Kubernetes != nil {
		return o.Kubernetes(ctx)
	}
	return current.target()
}

func byLocal(dir string) (*Target, error) {
	d, err := local.Open(dir).Describe()
	if err != nil {
		return nil, fmt.Errorf("read the local cluster's record: %w", err)
	}
	if !d.Exists {
		return nil, local.ErrNoCluster
	}
	t := &Target{
		Name:       fmt.Sprintf("local cluster in %s", d.Dir),
		Hosts:      d.Hosts,
		Local:      d.Dir,
		Advertised: true,
	}
	t.Etcd.Endpoints = d.Endpoints
	for _, m := range d.Members {
		t.Members = append(t.Members, Member(m))
	}
	for _, a := range d.Aggregators {
		t.Aggregators = append(t.Aggregators, a.Name)
	}
	return t, nil
}
