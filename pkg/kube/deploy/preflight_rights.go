package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// needs are the rights that a deploy of the objects takes.
func (d *Deployer) needs(objects []Object) []kube.Access {
	var needs []kube.Access
	add := func(verb, group, resource, namespace string) {
		if a := (kube.Access{Verb: verb, Group: group, Resource: resource, Namespace: namespace}); !slices.Contains(needs, a) {
			needs = append(needs, a)
		}
	}
	for _, o := range objects {
		for _, verb := range []string{"get", "create", "patch"} {
			a := access(verb, o.Unstructured)
			add(verb, a.Group, a.Resource, a.Namespace)
		}
	}
	for _, namespace := range []string{d.cluster.Namespace, d.cluster.AgentNamespace} {
		add("list", "", "pods", namespace)
	}
	if d.TLS && !d.NoWait {
		add("create", "", "pods/portforward", d.cluster.Namespace) // to make etcd's users
	}
	return needs
}

// checkRights asks the API server for each right. It names those that are missing,
// one line for each resource.
func (d *Deployer) checkRights(ctx context.Context, objects []Object) ([]Problem, error) {
	var (
		asking errgroup.Group
		mu     sync.Mutex
		denied []kube.Access
	)
	asking.SetLimit(atOnce)
	for _, need := range d.needs(objects) {
		asking.Go(func() error {
			allowed, err := d.allowed(ctx, need)
			if err == nil && !allowed {
				mu.Lock()
				denied = append(denied, need)
				mu.Unlock()
			}
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	return missing(denied), nil
}

func (d *Deployer) allowed(ctx context.Context, a kube.Access) (bool, error) {
	resource, sub, _ := strings.Cut(a.Resource, "/")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: a.Verb, Group: a.Group, Resource: resource, Subresource: sub, Namespace: a.Namespace,
		},
	}}
	answer, err := d.cluster.Client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, d.cluster.Explain(err, kube.Access{Verb: "create", Group: authorizationv1.GroupName, Resource: "selfsubjectaccessreviews"})
	}
	return answer.Status.Allowed, nil
}

// missing makes one problem of all resources of a namespace on which the same rights
// are missing.
func missing(denied []kube.Access) []Problem {
	type on struct{ namespace, resource string }
	verbs := make(map[on][]string)
	for _, a := range denied {
		at := on{a.Namespace, strings.TrimSuffix(a.Resource+"."+a.Group, ".")}
		verbs[at] = append(verbs[at], a.Verb)
	}
	type group struct{ namespace, verbs string }
	resources := make(map[group][]string)
	for at, of := range verbs {
		slices.Sort(of)
		g := group{at.namespace, strings.Join(of, ", ")}
		resources[g] = append(resources[g], at.resource)
	}
	var problems []Problem
	for g, of := range resources {
		slices.Sort(of)
		where := ""
		if g.namespace != "" {
			where = fmt.Sprintf(" in namespace %q", g.namespace)
		}
		hint := "ask for a role with these rights; what is there: kubectl auth can-i --list"
		if g.namespace != "" {
			hint += " -n " + g.namespace
		}
		problems = append(problems, problem(hint, "you may not %s %s%s", g.verbs, strings.Join(of, ", "), where))
	}
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Hint, b.Hint), cmp.Compare(a.Reason, b.Reason)) })
	return problems
}
