//go:build !node

package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
)

type undeployOptions struct {
	data, dryRun, yes bool
	confirm           string
}

func (a *app) newUndeploy() *cobra.Command {
	var o undeployOptions
	c := &cobra.Command{
		Use:   "undeploy",
		Short: "Take out of Kubernetes what deploy has put in",
		Long: `Remove the objects that deploy has made, certificates included, after a look at
their list; wait until they are gone. Nothing that is not ours is touched.

The members' volumes stay, and their namespaces: the next deploy goes on with the
data, under a new CA. With --delete-data they go too, for good, and so do the
namespaces that deploy has made if nothing else is in them; --confirm must then
name the kubeconfig's context.

--timeout is 5m unless given; after it the exit code is 8.`,
		Example: `  %[1]s undeploy
  # What would go?
  %[1]s undeploy --dry-run
  # All of it, with the data
  %[1]s undeploy --delete-data --confirm=my-context`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.undeploy(c, &o) },
	}
	f := c.Flags()
	f.BoolVar(&o.data, "delete-data", false, "remove the members' volumes too")
	f.StringVar(&o.confirm, "confirm", "", "name of the context whose data is to go")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would go and remove nothing")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return a.finish(c)
}

func (a *app) undeploy(c *cobra.Command, o *undeployOptions) error {
	cluster, err := a.kubernetes.cluster()
	if err != nil {
		return err
	}
	u, err := deploy.NewUndeployer(cluster)
	if err != nil {
		return err
	}
	tell := &deployTeller{app: a}
	u.Data, u.Tell = o.data, tell.tell
	reading, cancel := a.bounded(c.Context())
	defer cancel()
	found, err := u.Find(reading)
	if err != nil {
		return a.explainDeploy(err)
	}
	switch {
	case found.Empty(o.data):
		a.say("already so: nothing is deployed in %s", cluster.Name())
		return nil
	case o.dryRun:
		describeRemoval(a.Out, found, o.data)
		a.say("dry run: nothing removed")
		return nil
	}
	if err := a.mayUndeploy(c.Context(), o, cluster, found); err != nil {
		return err
	}
	ctx, cancel := a.patient(c) // anew: the question may have taken long
	defer cancel()
	err = u.Run(ctx, found)
	tell.done()
	if err != nil {
		return a.explainDeploy(err)
	}
	if n := len(found.Volumes); n > 0 && !o.data {
		a.say("%d volumes stay: the next deploy goes on with them", n)
	}
	return nil
}

// mayUndeploy asks, and for data asks for the cluster's name.
func (a *app) mayUndeploy(ctx context.Context, o *undeployOptions, cluster *kube.Cluster, found *deploy.Removal) error {
	if o.data {
		if name := contextName(cluster); o.confirm != name {
			return &exitError{code: exitRefused,
				err:  fmt.Errorf("undeploy %s with its data: all of it would be lost; confirm that by the context's name", cluster.Name()),
				hint: a.typed() + " --confirm=" + shellWord(name)}
		}
		return nil
	}
	if o.confirm != "" {
		return usageError("--confirm goes with --delete-data")
	}
	if o.yes {
		return nil
	}
	describeRemoval(a.Err, found, o.data)
	return a.confirm(ctx, "Remove this from "+cluster.Name()+"?", true, a.typed()+" --yes")
}

// contextName names a cluster in the face of loss: its context, or where there is
// none, the API server.
func contextName(cluster *kube.Cluster) string {
	if cluster.Context != "" {
		return cluster.Context
	}
	return cluster.REST.Host
}

// describeRemoval lists what goes, and what stays.
func describeRemoval(w io.Writer, r *deploy.Removal, data bool) {
	for _, o := range r.Objects {
		fmt.Fprintf(w, "%s/%s in %s goes\n", strings.ToLower(o.GetKind()), o.GetName(), o.GetNamespace())
	}
	fate := "stays"
	if data {
		fate = "goes, with its data"
	}
	for _, o := range r.Volumes {
		fmt.Fprintf(w, "persistentvolumeclaim/%s in %s %s\n", o.GetName(), o.GetNamespace(), fate)
	}
	if data {
		for _, o := range r.Namespaces {
			fmt.Fprintf(w, "namespace/%s goes, if nothing else is in it\n", o.GetName())
		}
	}
}
