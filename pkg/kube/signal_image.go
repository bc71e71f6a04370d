package kube

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ours is a container as those of the agents, or else of the aggregators, are: by
// its image, how that is pulled, and how the program in it is called.
func (c *Cluster) ours(ctx context.Context) (*corev1.Container, error) {
	access := Access{Verb: "get", Group: appsv1.GroupName, Resource: "daemonsets", Namespace: c.AgentNamespace, Name: AgentSet}
	agents, err := c.Client.AppsV1().DaemonSets(c.AgentNamespace).Get(ctx, AgentSet, metav1.GetOptions{})
	if err == nil {
		return likeOf(&agents.Spec.Template.Spec)
	}
	aggregators, second := c.Client.AppsV1().Deployments(c.AgentNamespace).Get(ctx, AggregatorSet, metav1.GetOptions{})
	if second == nil {
		return likeOf(&aggregators.Spec.Template.Spec)
	}
	if apierrors.IsNotFound(err) {
		access.Resource, access.Name, err = "deployments", AggregatorSet, second
	}
	return nil, fmt.Errorf("find the image that agents run, since none is given: %w", c.explain(err, access))
}

// likeOf keeps of a pod's first container what tells how our program is run.
func likeOf(pod *corev1.PodSpec) (*corev1.Container, error) {
	if len(pod.Containers) == 0 {
		return nil, fmt.Errorf("find the image that agents run: their pod has no container")
	}
	first := &pod.Containers[0]
	return &corev1.Container{Image: first.Image, ImagePullPolicy: first.ImagePullPolicy, Command: first.Command[:min(1, len(first.Command))]}, nil
}
