package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RefusedError tells why the API server does not do what the user may ask of it:
// the namespace's admission does not let it in.
type RefusedError struct {
	Access Access
	Err    error
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%s: %v", e.Access, e.Err) }
func (e *RefusedError) Unwrap() error { return e.Err }

// CannotEndError tells why a leader cannot be ended as it was asked for, in none
// of the ways.
type CannotEndError struct {
	Pod  string
	Ways []error
}

func (e *CannotEndError) Error() string {
	reasons := make([]string, len(e.Ways))
	for i, err := range e.Ways {
		reasons[i] = err.Error()
	}
	return fmt.Sprintf("%s cannot be ended: %s", e.Pod, strings.Join(reasons, "; and "))
}

func (e *CannotEndError) Unwrap() []error { return e.Ways }

// refused explains the error of a change. A right that is missing and an admission
// that refuses have one status, so that it asks which of the two it is.
func (c *Cluster) refused(ctx context.Context, err error, access Access) error {
	switch {
	case apierrors.IsForbidden(err) && c.may(ctx, access), apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return &RefusedError{access, err}
	}
	return c.explain(err, access)
}

// may reports whether the API server says that the user may.
func (c *Cluster) may(ctx context.Context, access Access) bool {
	resource, sub, _ := strings.Cut(access.Resource, "/")
	review, err := c.Client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: access.Verb, Group: access.Group, Resource: resource, Subresource: sub, Namespace: access.Namespace, Name: access.Name,
		}},
	}, metav1.CreateOptions{})
	return err == nil && review.Status.Allowed
}

var errNotShared = errors.New("its containers do not share their processes (shareProcessNamespace)")

// signalAllowed says why no signaler can, or may, be in a pod; nil if one may.
func (c *Cluster) signalAllowed(ctx context.Context, pod *corev1.Pod) error {
	access := ephemeralContainers(pod)
	switch {
	case pod.Spec.ShareProcessNamespace == nil || !*pod.Spec.ShareProcessNamespace:
		return errNotShared
	case !c.may(ctx, access):
		return &DeniedError{Access: access}
	}
	return nil
}

// ephemeralContainers is the right to add one to a pod.
func ephemeralContainers(pod *corev1.Pod) Access {
	return Access{Verb: "patch", Resource: "pods/ephemeralcontainers", Namespace: pod.Namespace, Name: pod.Name}
}

// notThisWay reports whether an error is that the user, or the pod, does not allow
// a way, so that another may be tried.
func notThisWay(err error) bool {
	_, denied := errors.AsType[*DeniedError](err)
	_, refused := errors.AsType[*RefusedError](err)
	return denied || refused || errors.Is(err, errNotShared)
}
