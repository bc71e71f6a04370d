package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

type object = *unstructured.Unstructured

const kindNamespace = "Namespace"

// atOnce is how many requests are under way at a time.
const atOnce = 16

// store is the API server, for objects of any kind of ours.
type store struct {
	cluster *kube.Cluster
	dynamic dynamic.Interface
}

func newStore(cluster *kube.Cluster) (store, error) {
	client, err := dynamic.NewForConfig(cluster.REST)
	if err != nil {
		return store{}, fmt.Errorf("make client of context %q: %w", cluster.Context, err)
	}
	return store{cluster, client}, nil
}

// resourceOf names the resource of a kind, by the rule that all of ours follow.
func resourceOf(kind schema.GroupVersionKind) schema.GroupVersionResource {
	plural, _ := meta.UnsafeGuessKindToResource(kind)
	return plural
}

func (s *store) at(o object) dynamic.ResourceInterface {
	r := s.dynamic.Resource(resourceOf(o.GroupVersionKind()))
	if o.GetNamespace() == "" {
		return r
	}
	return r.Namespace(o.GetNamespace())
}

// access is what a verb on an object needs.
func access(verb string, o object) kube.Access {
	r := resourceOf(o.GroupVersionKind())
	return kube.Access{Verb: verb, Group: r.Group, Resource: r.Resource, Namespace: o.GetNamespace(), Name: o.GetName()}
}

// read reads the objects as they are. Those that the user may not read are in
// unread; any other failure is an error.
func (s *store) read(ctx context.Context, objects []Object) (found live, unread []error, err error) {
	var (
		reading errgroup.Group
		mu      sync.Mutex
	)
	found = make(live)
	reading.SetLimit(atOnce)
	for _, o := range objects {
		reading.Go(func() error {
			is, err := s.at(o.Unstructured).Get(ctx, o.GetName(), metav1.GetOptions{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				found[key(o.Unstructured)] = is
				return nil
			case apierrors.IsNotFound(err):
				return nil
			}
			err = s.cluster.Explain(err, access("get", o.Unstructured))
			if _, denied := errors.AsType[*kube.DeniedError](err); denied {
				unread = append(unread, err)
				return nil
			}
			return err
		})
	}
	return found, unread, reading.Wait()
}

// ours reports whether deploy made the object.
func ours(o object) bool { return o.GetLabels()[kube.LabelManagedBy] == kube.ManagedBy }

// typed reads an object of a known kind. It is nil if there is none.
func typed[T any](o object) (*T, error) {
	if o == nil {
		return nil, nil
	}
	t := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, t); err != nil {
		return nil, fmt.Errorf("read %s %q: %w", o.GetKind(), o.GetName(), err)
	}
	return t, nil
}
