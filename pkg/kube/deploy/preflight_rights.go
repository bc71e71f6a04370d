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

// missing makes one problem of all rights that are missing on a resource.
func missing(denied []kube.Access) []Problem {
	verbs := map[string]int{"get": 0, "list": 1, "create": 2, "patch": 3}
	slices.SortFunc(denied, func(a, b kube.Access) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Resource, b.Resource), cmp.Compare(verbs[a.Verb], verbs[b.Verb]))
	})
	var problems []Problem
	for i := 0; i < len(denied); {
		first, of := denied[i], []string(nil)
		for ; i < len(denied) && denied[i].Resource == first.Resource && denied[i].Namespace == first.Namespace; i++ {
			of = append(of, denied[i].Verb)
		}
		verb := first.Verb
		first.Verb = strings.Join(of, ", ")
		hint := fmt.Sprintf("compare: kubectl auth can-i %s %s", verb, strings.TrimSuffix(first.Resource+"."+first.Group, "."))
		if first.Namespace != "" {
			hint += " -n " + first.Namespace
		}
		problems = append(problems, problem(hint, "you may not %s", first))
	}
	return problems
}
