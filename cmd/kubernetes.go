//go:build !node

package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

// kubernetes is what the command line says of the cluster in Kubernetes: kubectl's
// own flags, and where in it ours is.
type kubernetes struct {
	kubeconfig                string
	overrides                 clientcmd.ConfigOverrides
	namespace, agentNamespace string
	flags                     *pflag.FlagSet // these
}

func (k *kubernetes) add(root *cobra.Command) {
	f := pflag.NewFlagSet("kubernetes", pflag.ContinueOnError)
	f.StringVar(&k.kubeconfig, clientcmd.RecommendedConfigPathFlag, "", "kubeconfig file (default $KUBECONFIG, else ~/.kube/config)")
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ContextOverrideFlags.Namespace = clientcmd.FlagInfo{} // ours is not the context's
	names.ClusterOverrideFlags.DisableCompression = clientcmd.FlagInfo{}
	names.AuthOverrideFlags.Username, names.AuthOverrideFlags.Password = clientcmd.FlagInfo{}, clientcmd.FlagInfo{}
	clientcmd.BindOverrideFlags(&k.overrides, f, names)
	f.StringVarP(&k.namespace, "namespace", "n", kube.DefaultNamespace, "namespace of the etcd members in Kubernetes")
	f.StringVar(&k.agentNamespace, "agent-namespace", kube.DefaultAgentNamespace, "namespace of the agents and aggregators in Kubernetes")
	k.flags = f
	root.PersistentFlags().AddFlagSet(f)
}

// typed reports whether a flag of the command line says that the cluster is in
// Kubernetes.
func (k *kubernetes) typed() bool {
	typed := false
	k.flags.VisitAll(func(f *pflag.Flag) { typed = typed || f.Changed })
	return typed
}

// chosen reports whether a setting says so.
func (k *kubernetes) chosen() bool { return k.overrides.CurrentContext != "" || k.kubeconfig != "" }

// cluster opens the cluster that kubeconfig and its flags name.
func (k *kubernetes) cluster() (*kube.Cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = k.kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &k.overrides)
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	name := cmp.Or(k.overrides.CurrentContext, raw.CurrentContext)
	if _, ok := raw.Contexts[name]; !ok && k.overrides.ClusterInfo.Server == "" {
		if name == "" {
			return nil, &target.NoTargetError{}
		}
		known := slices.Sorted(maps.Keys(raw.Contexts))
		return nil, usageError("kubeconfig has no context %q%s", name, model.DidYouMean(name, known))
	}
	rest, err := loader.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	return kube.Open(kube.Config{REST: rest, Context: name, Namespace: k.namespace, AgentNamespace: k.agentNamespace})
}

// connect is the way to the cluster in Kubernetes.
func (k *kubernetes) connect(ctx context.Context) (*target.Target, error) {
	cluster, err := k.cluster()
	if err != nil {
		return nil, err
	}
	t := &target.Target{Name: cluster.Name(), Advertised: true, Kubernetes: cluster}
	conn, err := cluster.Connect(ctx)
	if err != nil {
		return nil, err
	}
	t.Etcd, t.Aggregators = conn.Etcd, conn.Aggregators
	for _, m := range conn.Members {
		t.Members = append(t.Members, target.Member(m))
	}
	return t, nil
}
