//go:build !node

package cmd

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
)

// deployOptions say what is deployed, and how.
type deployOptions struct {
	deploy.Options

	tls            string
	tolerations    []string
	agentConfig    string
	config         []byte // what is in that file
	dryRun, output string
	wait, force    bool
}

// Values of --dry-run.
const (
	dryRunNone   = "none"
	dryRunClient = "client"
	dryRunServer = "server"
)

func (o *deployOptions) add(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&o.Members, "members", o.Members, "etcd members: 1, 3 or 5, each on a node of its own")
	f.IntVar(&o.Aggregators, "aggregators", o.Aggregators, "aggregators; 0 for none")
	f.StringVar(&o.Image, "image", o.Image, "image of agents and aggregators")
	f.StringVar(&o.EtcdImage, "etcd-image", o.EtcdImage, "image of the members")
	f.StringVar((*string)(&o.ImagePullPolicy), "image-pull-policy", "", "Always, IfNotPresent or Never (default: as Kubernetes chooses by the tag)")
	f.StringVar(&o.StorageClass, "storage-class", o.StorageClass, "storage class of the members' volumes (default: the cluster's own)")
	f.StringVar(&o.StorageSize, "storage-size", o.StorageSize, "size of each member's volume")
	f.StringVar(&o.tls, "tls", "on", "certificates and users: on or off")
	f.StringVar(&o.ClusterDomain, "cluster-domain", o.ClusterDomain, "domain of the cluster's DNS")
	f.StringArrayVar(&o.tolerations, "toleration", nil, "taint that members and aggregators bear, as KEY[=VALUE][:EFFECT] (may be given several times)")
	f.StringVar(&o.agentConfig, "agent-config", "", "file with the first config of all agents, put only if there is none")
	f.BoolVar(&o.wait, "wait", o.wait, "wait until all is ready, and make etcd's users")
	f.BoolVar(&o.force, "force-conflicts", false, "take over fields that somebody else has set")
	f.StringVar(&o.dryRun, "dry-run", "", "change nothing: client (print what would be applied) or server (ask what would change)")
	f.StringVarP(&o.output, "output", "o", "", "with --dry-run=client: yaml or json")
	f.Lookup("dry-run").NoOptDefVal = dryRunServer
	_ = c.MarkFlagFilename("agent-config", "json", "yaml", "yml")
	for flag, values := range map[string][]string{"tls": onOff, "dry-run": {dryRunClient, dryRunServer}, "output": {formatYAML, formatJSON}, "image-pull-policy": pullPolicies} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

const (
	formatYAML = "yaml"
	formatJSON = "json"
)

var (
	onOff        = []string{"on", "off"}
	pullPolicies = []string{"Always", "IfNotPresent", "Never"}
)

// complete reads what flags name, and refuses everything that cannot be, at once.
func (o *deployOptions) complete(a *app) error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !slices.Contains(onOff, o.tls) {
		wrong("--tls must be on or off, not %q", o.tls)
	}
	if o.dryRun == dryRunNone {
		o.dryRun = ""
	}
	if !slices.Contains([]string{"", dryRunClient, dryRunServer}, o.dryRun) {
		wrong("--dry-run must be client or server, not %q", o.dryRun)
	}
	if !slices.Contains([]string{"", formatYAML, formatJSON}, o.output) {
		wrong("--output must be yaml or json, not %q", o.output)
	} else if o.output != "" && o.dryRun != dryRunClient {
		wrong("--output goes with --dry-run=client")
	}
	o.TLS = o.tls == "on"
	for _, text := range o.tolerations {
		t, err := deploy.ParseToleration(text)
		if err != nil {
			problems = append(problems, err)
		}
		o.Tolerations = append(o.Tolerations, t)
	}
	if err := o.Validate(); err != nil {
		problems = append(problems, err)
	}
	if o.agentConfig != "" {
		from := fileFlags{file: o.agentConfig, ifRevision: anyRevision, hosts: hostFlags{def: true}}
		in, err := from.read(a)
		switch {
		case err != nil:
			problems = append(problems, err)
		case len(in.entries) == 1:
			o.config = in.entries[0].JSON
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return &exitError{code: exitUsage, err: errors.Join(problems...)}
}
