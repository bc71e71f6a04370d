//go:build !node

package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// printObjects prints what would be applied, but for what is secret.
func (a *app) printObjects(o *deployOptions) error {
	var certs *pki.Bundle
	if o.TLS {
		certs = new(pki.Bundle)
	}
	objects, err := deploy.Objects(o.Options, a.kubernetes.namespace, a.kubernetes.agentNamespace, certs)
	if err != nil {
		return err
	}
	var shown []any
	var left []string
	for _, object := range objects {
		switch name := strings.ToLower(object.Name()); {
		case object.GetKind() == "Secret":
			left = append(left, object.GetNamespace()+"/"+object.GetName())
		case o.output == "":
			fmt.Fprintln(a.Out, name, "would be applied (client dry run)")
		default:
			shown = append(shown, object.Object)
		}
	}
	if err := a.printPlain(o.output, shown); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if len(left) > 0 {
		a.say("left out, since they hold private keys: Secrets %s", list(left))
		a.say("deploy makes and renews them; so do the tools of your own, of type kubernetes.io/tls with ca.crt beside tls.crt and tls.key")
	}
	return nil
}

func (a *app) printPlain(format string, objects []any) error {
	switch format {
	case formatYAML:
		for _, object := range objects {
			data, err := yaml.Marshal(object)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(a.Out, "---\n%s", data); err != nil {
				return err
			}
		}
	case formatJSON:
		e := json.NewEncoder(a.Out)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
	}
	return nil
}

// explainDeploy gives the errors of deploy and undeploy their exit codes and hints.
func (a *app) explainDeploy(err error) error {
	var (
		refused  *deploy.PreflightError
		conflict *deploy.ConflictError
		late     *deploy.TimeoutError
	)
	switch {
	case errors.As(err, &refused):
		return &exitError{code: exitRefused, err: err}
	case errors.As(err, &conflict):
		return &exitError{code: exitConflict, err: err, hint: a.typed() + " --force-conflicts"}
	case errors.As(err, &late):
		return &exitError{code: exitTimeout, err: err, hint: "status" + a.kubernetes.typedFlags()}
	case errors.Is(err, context.Canceled):
		a.say("what was begun is finished by the next %s", a.typed())
	}
	return err
}

func (a *app) sayDeployed(r *deploy.Report, o *deployOptions, took time.Duration) {
	if made := "made"; len(r.Renewed) > 0 {
		if o.dryRun != "" {
			made = "to be made"
		}
		a.say("certificates %s: %s", made, list(r.Renewed))
	}
	if len(r.Restart) > 0 {
		a.say("%s run by an older template until their pods are restarted, one by one, the leader last", list(r.Restart))
	}
	switch {
	case o.dryRun != "":
		a.say("dry run: nothing changed")
	case r.Unchanged():
		a.say("already so: %d objects unchanged", len(r.Objects))
		return
	}
	a.say("created %d, changed %d, unchanged %d, after %.1f s",
		r.Count(deploy.Created), r.Count(deploy.Changed), r.Count(deploy.Unchanged), took.Seconds())
	if !o.wait && o.TLS {
		a.warn("etcd's users are not made: until a deploy that waits, every certificate may do everything")
	}
}

// reportTime is how long agents and aggregators have, once their pods are ready, to
// show in etcd.
const reportTime = 15 * time.Second

// welcomeKubernetes shows what is there now and, where that is news, what to do with
// it.
func (a *app) welcomeKubernetes(ctx context.Context, news bool) error {
	s, err := a.source(ctx)
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	looking, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	again := time.NewTicker(framePause)
	defer again.Stop()
	st := status.Gather(looking, s)
	for st.Verdict != model.Healthy && looking.Err() == nil {
		select {
		case <-again.C:
			if next := status.Gather(looking, s); looking.Err() == nil {
				st = next
			}
		case <-looking.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err // what was seen is half of it
	}
	if err := a.show(&outputFlags{format: string(printer.Table)}, st, nil); err != nil {
		return err
	}
	if news {
		where := a.kubernetes.typedFlags()
		a.say("\nTry next:\n  %[1]s nodes -o wide%[2]s\n  %[1]s events%[2]s", a.program, where)
		if st.Quorum.MayLose > 0 {
			a.say("  %s leader-kill demo%s", a.program, where)
		}
	}
	return (&failOn{at: "unhealthy"}).judge(st.Verdict)
}

// typedFlags are the flags that say where, to be typed again.
func (k *kubernetes) typedFlags() string {
	var b strings.Builder
	k.flags.VisitAll(func(f *pflag.Flag) {
		if v := f.Value.String(); f.Changed && v != f.DefValue {
			b.WriteString(" --" + f.Name + " " + shellWord(v))
		}
	})
	return b.String()
}
