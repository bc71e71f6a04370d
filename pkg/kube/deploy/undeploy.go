package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// Undeployer takes out what a deploy has put in, and nothing else.
type Undeployer struct {
	// Data takes the members' volumes too, and the namespaces that a deploy made if
	// nothing else is in them.
	Data   bool
	DryRun bool
	// Tell, if set, is told of the progress, from the goroutine that runs.
	Tell func(News)

	store
}

// NewUndeployer makes an Undeployer. It does not connect.
func NewUndeployer(cluster *kube.Cluster) (*Undeployer, error) {
	s, err := newStore(cluster)
	if err != nil {
		return nil, err
	}
	return &Undeployer{store: s, Tell: func(News) {}}, nil
}

// Removal is what goes, in the order in which it does, and what stays.
type Removal struct {
	Objects    []object
	Volumes    []object // claims; they go only with Data
	Namespaces []object // those that a deploy made, likewise
}

// Empty reports whether there is nothing to remove.
func (r *Removal) Empty(data bool) bool {
	return len(r.Objects) == 0 && (!data || len(r.Volumes)+len(r.Namespaces) == 0)
}

var claims = schema.GroupVersionKind{Version: "v1", Kind: "PersistentVolumeClaim"}

// Find lists what there is to remove.
func (u *Undeployer) Find(ctx context.Context) (*Removal, error) {
	full := Defaults()
	outline, err := Objects(full, u.cluster.Namespace, u.cluster.AgentNamespace, new(pki.Bundle))
	if err != nil {
		return nil, err
	}
	slices.Reverse(outline) // pods go before what they stand on
	r := new(Removal)
	seen := make(map[string]bool)
	for _, o := range outline {
		if o.GetKind() == kindNamespace {
			is, err := u.at(o.Unstructured).Get(ctx, o.GetName(), metav1.GetOptions{})
			if err == nil && ours(is) {
				r.Namespaces = append(r.Namespaces, is)
			}
			continue
		}
		kind := o.GroupVersionKind()
		if at := kind.String() + o.GetNamespace(); !seen[at] {
			seen[at] = true
			found, err := u.list(ctx, resourceOf(kind), o.GetNamespace(), kube.LabelManagedBy+"="+kube.ManagedBy)
			if err != nil {
				return nil, err
			}
			r.Objects = append(r.Objects, found...)
		}
	}
	r.Volumes, err = u.list(ctx, resourceOf(claims), u.cluster.Namespace, kube.LabelName+"="+kube.StatefulSet)
	return r, err
}

func (u *Undeployer) list(ctx context.Context, r schema.GroupVersionResource, namespace, selector string) ([]object, error) {
	list, err := u.dynamic.Resource(r).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, u.cluster.Explain(err, kube.Access{Verb: "list", Group: r.Group, Resource: r.Resource, Namespace: namespace})
	}
	var found []object
	for i := range list.Items {
		found = append(found, &list.Items[i])
	}
	slices.SortFunc(found, func(a, b object) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return found, nil
}

// Run removes it, and waits until it is gone. The error is a *TimeoutError when ctx
// ends by its deadline; a second Run goes on from there.
func (u *Undeployer) Run(ctx context.Context, r *Removal) error {
	going := slices.Clone(r.Objects)
	if u.Data {
		going = append(going, r.Volumes...)
	}
	for _, o := range going {
		if err := u.remove(ctx, o); err != nil {
			return err
		}
	}
	if u.DryRun {
		return nil
	}
	if err := await(ctx, u.Tell, "everything to be gone", func(ctx context.Context) ([]Pending, bool, error) { return u.remaining(ctx, going) }); err != nil || !u.Data {
		return err
	}
	return u.removeNamespaces(ctx, r.Namespaces)
}

// remove removes an object, as it was found: one that was replaced in between is
// somebody else's.
func (u *Undeployer) remove(ctx context.Context, o object) error {
	opts := metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationForeground), Preconditions: metav1.NewUIDPreconditions(string(o.GetUID()))}
	if u.DryRun {
		opts.DryRun = []string{metav1.DryRunAll}
	}
	err := u.at(o).Delete(ctx, o.GetName(), opts)
	if err != nil && !apierrors.IsNotFound(err) {
		return u.cluster.Explain(err, access("delete", o))
	}
	u.Tell(Removed{Kind: o.GetKind(), Name: o.GetName(), Namespace: o.GetNamespace()})
	return nil
}

// remaining tells what is still there, and which pods hold it up.
func (u *Undeployer) remaining(ctx context.Context, going []object) ([]Pending, bool, error) {
	var pending []Pending
	for _, o := range going {
		is, err := u.at(o).Get(ctx, o.GetName(), metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
		case err != nil:
			return nil, false, u.cluster.Explain(err, access("get", o))
		case is.GetUID() == o.GetUID():
			reason := "it is ending"
			if f := is.GetFinalizers(); len(f) > 0 {
				reason += ", held by " + strings.Join(f, ", ")
			}
			pending = append(pending, Pending{strings.ToLower(o.GetKind()) + "/" + o.GetName(), reason})
		}
	}
	return pending, len(pending) == 0, nil
}

// removeNamespaces removes the namespaces that a deploy made, but for those that
// others use.
func (u *Undeployer) removeNamespaces(ctx context.Context, namespaces []object) error {
	var going []object
	for _, o := range namespaces {
		others, err := u.others(ctx, o.GetName())
		if _, denied := errors.AsType[*kube.DeniedError](err); denied {
			others = []string{"whatever may be in it: " + err.Error()}
		} else if err != nil {
			return err
		}
		if len(others) > 0 {
			u.Tell(Warned{problem("", "namespace %q stays, for there is more in it: %s", o.GetName(), strings.Join(others, ", "))})
			continue
		}
		if err := u.remove(ctx, o); err != nil {
			return err
		}
		going = append(going, o)
	}
	return await(ctx, u.Tell, "namespaces to be gone", func(ctx context.Context) ([]Pending, bool, error) { return u.remaining(ctx, going) })
}

// others names what is in a namespace that is not ours, of the kinds that people
// make.
func (u *Undeployer) others(ctx context.Context, namespace string) ([]string, error) {
	lists, err := u.cluster.Client.Discovery().ServerPreferredNamespacedResources()
	if err != nil && len(lists) == 0 {
		return nil, u.cluster.Explain(err, kube.Access{Verb: "list", Resource: "API resources"})
	}
	var names []string
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue
		}
		for i := range list.APIResources {
			r := &list.APIResources[i]
			if !slices.Contains(r.Verbs, "list") || transient(r.Name) {
				continue
			}
			found, err := u.list(ctx, version.WithResource(r.Name), namespace, kube.LabelManagedBy+"!="+kube.ManagedBy)
			if err != nil {
				return nil, err
			}
			for _, o := range found {
				if len(o.GetOwnerReferences()) == 0 && !givenToAll(o) {
					names = append(names, fmt.Sprintf("%s/%s", strings.ToLower(r.Kind), o.GetName()))
				}
			}
		}
	}
	return names, nil
}

// transient reports whether a kind of objects comes and goes by itself.
func transient(resource string) bool {
	return slices.Contains([]string{"events", "endpoints", "endpointslices", "leases", "controllerrevisions"}, resource)
}

// givenToAll reports whether every namespace is given such an object.
func givenToAll(o object) bool {
	switch o.GetKind() {
	case "ServiceAccount":
		return o.GetName() == "default"
	case "ConfigMap":
		return o.GetName() == "kube-root-ca.crt"
	}
	return false
}
