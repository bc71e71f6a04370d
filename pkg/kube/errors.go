package kube

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Access is something that the API server may let the user do.
type Access struct {
	Verb      string // get, list, create, …
	Group     string // "" for the core API
	Resource  string // pods, pods/portforward, …
	Namespace string // "" for what belongs to no namespace
	Name      string // "" for any
}

// String is how `kubectl auth can-i` takes it, but for the namespace.
func (a Access) String() string {
	s := a.Verb + " " + a.Resource
	if a.Group != "" {
		s = a.Verb + " " + a.Resource + "." + a.Group
	}
	if a.Name != "" {
		s += fmt.Sprintf(" %q", a.Name)
	}
	if a.Namespace != "" {
		s += fmt.Sprintf(" in namespace %q", a.Namespace)
	}
	return s
}

// DeniedError tells which right the user lacks.
type DeniedError struct {
	Access Access
	Err    error
}

func (e *DeniedError) Error() string { return "you may not " + e.Access.String() }
func (e *DeniedError) Unwrap() error { return e.Err }

// NotDeployedError tells that there is nothing of ours where it was looked for.
type NotDeployedError struct{ Where string }

func (e *NotDeployedError) Error() string {
	return fmt.Sprintf("no etcd is deployed in %s", e.Where)
}

// Hint is the command that helps.
func (*NotDeployedError) Hint() string { return "deploy" }

// UnreachableError tells that the API server does not answer.
type UnreachableError struct {
	Host string
	Err  error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reach the API server %s: %s", e.Host, cause(e.Err))
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// Unreachable tells it from other errors where this package is not built in.
func (*UnreachableError) Unreachable() {}

// explain turns what a call returned into an error that says what is wrong.
func (c *Cluster) explain(err error, access Access) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsForbidden(err):
		return &DeniedError{access, err}
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("log in to the API server %s: it does not accept the kubeconfig's credentials: %w", c.REST.Host, err)
	case apierrors.ReasonForError(err) == "" && !errors.Is(err, context.Canceled):
		return &UnreachableError{c.REST.Host, err}
	}
	return fmt.Errorf("%s: %w", access, err)
}

// Explain is explain, for package deploy.
func (c *Cluster) Explain(err error, access Access) error { return c.explain(err, access) }

// cause is the last reason in a chain of them.
func cause(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}
