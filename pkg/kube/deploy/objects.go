package deploy

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// Stage says when an object is applied: each needs the ones before.
type Stage int

// The stages. Between Members and Watchers, etcd's users are made.
const (
	Ground   Stage = iota // what pods are made from, and what they may
	Members               // etcd
	Watchers              // agents and aggregators
)

// Object is one object as it is applied: without status.
type Object struct {
	*unstructured.Unstructured

	Stage Stage
}

// Name is KIND/NAME, for the reader.
func (o Object) Name() string { return o.GetKind() + "/" + o.GetName() }

// Objects are what the options ask for, in the order in which they are applied,
// the same for the same arguments. Without certificates there is no TLS.
func Objects(o Options, namespace, agentNamespace string, certs *pki.Bundle) ([]Object, error) {
	if namespace == agentNamespace {
		return nil, fmt.Errorf("members and agents cannot share namespace %q: agents read the host's files, which the members' Pod Security forbids", namespace)
	}
	all, err := decodeManifests()
	if err != nil {
		return nil, fmt.Errorf("read the manifests: %w", err)
	}
	e := editor{Options: o, namespace: namespace, agentNamespace: agentNamespace, secure: certs != nil}
	for _, object := range all {
		if err := e.edit(object); err != nil {
			return nil, err
		}
	}
	if certs != nil {
		all = append(all, e.secrets(certs)...)
	}
	return inOrder(all)
}

// inOrder makes objects of what is decoded, by stage, in the manifests' order
// within each.
func inOrder(all []runtime.Object) ([]Object, error) {
	stages := make([][]Object, Watchers+1)
	for _, decoded := range all {
		plain, err := encode(decoded)
		if err != nil {
			return nil, err
		}
		stage := stageOf(decoded)
		stages[stage] = append(stages[stage], Object{plain, stage})
	}
	var sorted []Object
	for _, objects := range stages {
		sorted = append(sorted, objects...)
	}
	return sorted, nil
}

func stageOf(object runtime.Object) Stage {
	switch object.(type) {
	case *appsv1.StatefulSet:
		return Members
	case *appsv1.DaemonSet, *appsv1.Deployment:
		return Watchers
	}
	return Ground
}
