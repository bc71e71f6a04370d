package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// Manager is the name under which the API server keeps which fields are ours.
const Manager = kube.ManagedBy

// Deployer deploys into a cluster.
type Deployer struct {
	Options

	// Force takes over fields that another manager has set to something else. By
	// default that is a *ConflictError.
	Force bool
	// DryRun sends everything, and has the API server keep nothing.
	DryRun bool
	// NoWait ends when everything is applied. etcd's users are then left to a
	// deploy that waits.
	NoWait bool
	// Tell, if set, is told of the progress, from the goroutine that runs.
	Tell func(News)
	Now  func() time.Time

	store
}

// New makes a Deployer that waits. It does not connect.
func New(cluster *kube.Cluster, o Options) (*Deployer, error) {
	s, err := newStore(cluster)
	if err != nil {
		return nil, err
	}
	return &Deployer{Options: o, store: s, Tell: func(News) {}, Now: time.Now}, nil
}

// Run checks what can be checked first, and then applies the objects, stage by
// stage, and makes etcd's users once there is a quorum. The report holds what was
// done, also beside an error: a *PreflightError before anything is changed, a
// *ConflictError, a *TimeoutError when ctx ends by its deadline.
func (d *Deployer) Run(ctx context.Context) (*Report, error) {
	report := new(Report)
	objects, live, err := d.plan(ctx, report)
	if err != nil {
		return report, err
	}
	for _, stage := range []Stage{Ground, Members, Watchers} {
		if err := d.apply(ctx, objects, stage, live, report); err != nil {
			return report, err
		}
		if d.DryRun || d.NoWait {
			continue
		}
		switch stage {
		case Members:
			err = d.foundCluster(ctx, report)
		case Watchers:
			err = d.awaitAll(ctx, report)
		}
		if err != nil {
			return report, err
		}
	}
	return report, nil
}

// plan makes the objects, and refuses what cannot go well.
func (d *Deployer) plan(ctx context.Context, report *Report) ([]Object, live, error) {
	var certs *pki.Bundle
	if d.TLS {
		certs = new(pki.Bundle) // for the names of what is to be looked at
	}
	outline, err := Objects(d.Options, d.cluster.Namespace, d.cluster.AgentNamespace, certs)
	if err != nil {
		return nil, nil, err
	}
	live, unread, err := d.read(ctx, outline)
	if err != nil {
		return nil, nil, err
	}
	problems, err := d.preflight(ctx, outline, live)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range problems {
		if p.Warning {
			d.Tell(Warned{p})
		}
	}
	if refused := refusals(problems); len(refused) > 0 {
		return nil, nil, &PreflightError{Where: d.cluster.Name(), Problems: refused}
	}
	if err := errors.Join(unread...); err != nil {
		return nil, nil, err
	}
	if d.TLS {
		certs, report.Renewed, err = pki.Renew(d.certificates(live), d.names(), d.Now())
		if err != nil {
			return nil, nil, fmt.Errorf("make certificates of %s: %w", d.cluster.Name(), err)
		}
	}
	objects, err := Objects(d.Options, d.cluster.Namespace, d.cluster.AgentNamespace, certs)
	if err != nil {
		return nil, nil, err
	}
	leaveForeignNamespaces(objects, live)
	return objects, live, nil
}

func (d *Deployer) names() pki.Names {
	return pki.Names{Service: kube.Service, Namespace: d.cluster.Namespace, ClusterDomain: d.ClusterDomain}
}

// foundCluster waits for a quorum, and makes etcd's users.
func (d *Deployer) foundCluster(ctx context.Context, report *Report) error {
	if err := await(ctx, d.Tell, "a quorum", d.quorum); err != nil {
		return err
	}
	if !d.TLS {
		return nil
	}
	changes, err := d.bootstrap(ctx)
	report.Users = changes
	if len(changes) > 0 {
		d.Tell(UsersChanged{changes})
	}
	return err
}

// awaitAll waits for everything, and looks which members are of an older template.
func (d *Deployer) awaitAll(ctx context.Context, report *Report) error {
	err := await(ctx, d.Tell, "all pods", d.everything)
	if err == nil {
		report.Restart, err = d.outdated(ctx)
	}
	return err
}

// live are the objects of ours as the API server has them, by their keys. What is
// not there is not in it.
type live map[string]object

// key is what an object is found by.
func key(o object) string { return o.GetKind() + "/" + o.GetNamespace() + "/" + o.GetName() }

// leaveForeignNamespaces does not claim namespaces that were there before: an
// undeploy removes those that carry the label.
func leaveForeignNamespaces(objects []Object, live live) {
	for _, o := range objects {
		if was, ok := live[key(o.Unstructured)]; ok && o.GetKind() == kindNamespace && !ours(was) {
			labels := o.GetLabels()
			delete(labels, kube.LabelManagedBy)
			o.SetLabels(labels)
		}
	}
}
