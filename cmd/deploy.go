//go:build !node

package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// deployTimeout is how long deploy and undeploy wait unless told otherwise: for
// images that are pulled, and volumes that are made.
const deployTimeout = 5 * time.Minute

func (a *app) addDeploy(root *cobra.Command) {
	a.add(root, groupStart, a.newDeploy(), a.newUndeploy())
}

func (a *app) newDeploy() *cobra.Command {
	o := deployOptions{Options: deploy.Defaults(), wait: true}
	o.Image = deploy.ReleasedImage(version)
	c := &cobra.Command{
		Use:   "deploy",
		Short: "Deploy etcd, agents and aggregators into Kubernetes",
		Long: `Deploy etcd members, an agent on every node and aggregators into the cluster of
the kubeconfig; wait until all of it is ready, saying what is not yet and why; and
show the result. Whoever deploys needs the rights that are checked first, before
anything is changed.

A second deploy changes nothing, one that was interrupted is finished by the
next, and what has been changed meanwhile in Kubernetes or among etcd's users is
set right. Where somebody else has set a field that is ours, nothing is forced
unless --force-conflicts is given, and the exit code is 6. Objects of the same
names that are not ours are left alone (exit code 7). No member is restarted: the
ones that wait for it are named.

With --wait=false etcd's users are not made: until a deploy that waits, every
certificate may do everything.

--dry-run=server asks the API server what would change. --dry-run=client -o yaml
prints what would be applied, to keep it elsewhere, without asking anybody; the
Secrets are left out, since no private key is ever printed: deploy makes them.

--timeout is 5m unless given; after it the exit code is 8.`,
		Example: `  %[1]s deploy
  # One member on a small cluster, without TLS
  %[1]s deploy --members 1 --aggregators 1 --tls=off
  # What would change?
  %[1]s deploy --dry-run=server
  # For GitOps
  %[1]s deploy --dry-run=client -o yaml > monitor.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.complete(a); err != nil {
				return err
			}
			if o.dryRun == dryRunClient {
				return a.printObjects(&o)
			}
			return a.deploy(c, &o)
		},
	}
	o.add(c)
	return a.finish(c)
}

func (a *app) deploy(c *cobra.Command, o *deployOptions) error {
	cluster, err := a.kubernetes.cluster()
	if err != nil {
		return err
	}
	d, err := deploy.New(cluster, o.Options)
	if err != nil {
		return err
	}
	ctx, cancel := a.patient(c)
	defer cancel()
	tell := &deployTeller{app: a, dryRun: o.dryRun != ""}
	d.Force, d.DryRun, d.NoWait, d.Tell, d.Now = o.force, o.dryRun != "", !o.wait, tell.tell, a.now
	begin := a.now()
	report, err := d.Run(ctx)
	tell.done()
	if err != nil {
		return a.explainDeploy(err)
	}
	a.sayDeployed(report, o, a.now().Sub(begin))
	if d.DryRun || d.NoWait {
		return nil
	}
	a.aimAtKubernetes()
	if err := a.firstConfig(ctx, o.config); err != nil {
		return err
	}
	return a.welcomeKubernetes(ctx, !report.Unchanged())
}

// patient gives a command that waits its deadline.
func (a *app) patient(c *cobra.Command) (context.Context, context.CancelFunc) {
	if a.global.timeout == defaultTimeout && !c.Flags().Changed("timeout") {
		a.global.timeout = deployTimeout
	}
	return a.bounded(c.Context())
}

// aimAtKubernetes makes the cluster of the kubeconfig the target, whatever else is
// named.
func (a *app) aimAtKubernetes() {
	a.global.local, a.global.endpoints, a.global.discovery = false, nil, ""
	a.global.cacert, a.global.cert, a.global.key = "", "", ""
	a.kubernetes.flags.Lookup("namespace").Changed = true
}

// firstConfig gives every host a config, unless somebody has done so.
func (a *app) firstConfig(ctx context.Context, config []byte) error {
	if config == nil {
		return nil
	}
	s, err := a.source(ctx)
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	none := int64(0)
	store := a.store(s.Pool)
	plan, err := store.Plan(ctx, []configpush.Wanted{{Host: model.DefaultHost, JSON: config, Base: &none}})
	if err == nil && !plan.Same() {
		_, err = store.Push(ctx, plan, "first config, by deploy")
	}
	if _, taken := errors.AsType[*configpush.ConflictError](err); taken {
		a.say("the agents' config stays as it is: there is one already")
		return nil
	}
	return err
}
