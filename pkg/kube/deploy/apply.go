package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// apply applies the objects of a stage, side by side but for the namespaces that the
// others are in, and tells of them in their order.
func (d *Deployer) apply(ctx context.Context, objects []Object, stage Stage, live live, report *Report) error {
	var namespaces, others []Object
	for _, o := range objects {
		switch {
		case o.Stage != stage:
		case o.GetKind() == kindNamespace:
			namespaces = append(namespaces, o)
		default:
			others = append(others, o)
		}
	}
	for _, group := range [][]Object{namespaces, others} {
		if err := d.applyGroup(ctx, group, live, report); err != nil {
			return err
		}
	}
	return nil
}

func (d *Deployer) applyGroup(ctx context.Context, group []Object, live live, report *Report) error {
	var applying errgroup.Group
	applying.SetLimit(atOnce)
	outcomes, errs := make([]Outcome, len(group)), make([]error, len(group))
	for i, o := range group {
		applying.Go(func() error {
			outcomes[i], errs[i] = d.applyOne(ctx, o.Unstructured, live)
			return nil
		})
	}
	_ = applying.Wait()
	for i, o := range group {
		if errs[i] == nil {
			applied := Applied{Kind: o.GetKind(), Name: o.GetName(), Namespace: o.GetNamespace(), Outcome: outcomes[i]}
			report.Objects = append(report.Objects, applied)
			d.Tell(applied)
		}
	}
	return errors.Join(errs...)
}

func (d *Deployer) applyOne(ctx context.Context, o object, live live) (Outcome, error) {
	was := live[key(o)]
	opts := metav1.ApplyOptions{FieldManager: Manager, Force: d.Force}
	if d.DryRun {
		opts.DryRun = []string{metav1.DryRunAll}
		if namespace := o.GetNamespace(); namespace != "" && live[kindNamespace+"//"+namespace] == nil {
			return Created, nil // the API server knows no namespace that was only tried
		}
	}
	is, err := d.at(o).Apply(ctx, o.GetName(), o, opts)
	switch {
	case err != nil:
		return 0, d.explainApply(err, o)
	case was == nil:
		return Created, nil
	case same(was, is):
		return Unchanged, nil
	}
	return Changed, nil
}

// same reports whether two versions of an object ask for the same.
func same(a, b object) bool {
	return equality.Semantic.DeepEqual(asked(a), asked(b))
}

// asked is an object without what the API server and controllers write.
func asked(o object) map[string]any {
	o = o.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "generation"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	delete(o.Object, "status")
	return o.Object
}

func (d *Deployer) explainApply(err error, o object) error {
	if conflicts := conflictsOf(err); len(conflicts) > 0 {
		return &ConflictError{Object: o.GetKind() + "/" + o.GetName(), Conflicts: conflicts}
	}
	return d.cluster.Explain(err, access("patch", o))
}

// Conflict is a field that another manager has set to something else.
type Conflict struct{ Manager, Field string }

// ConflictError tells that an object has been changed by somebody else, in fields
// that are ours.
type ConflictError struct {
	Object    string
	Conflicts []Conflict
}

func (e *ConflictError) Error() string {
	fields := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		fields[i] = fmt.Sprintf("%s, by %s", c.Field, c.Manager)
	}
	return fmt.Sprintf("apply %s: somebody else has set fields that are ours: %s", e.Object, strings.Join(fields, "; "))
}

// conflictsOf reads what the API server says of a refused apply. Each cause's
// message is `conflict with "MANAGER" …`.
func conflictsOf(err error) []Conflict {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || status.ErrStatus.Details == nil {
		return nil
	}
	var conflicts []Conflict
	for _, cause := range status.ErrStatus.Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			who := strings.TrimPrefix(cause.Message, "conflict with ")
			conflicts = append(conflicts, Conflict{who, cause.Field})
		}
	}
	return conflicts
}
