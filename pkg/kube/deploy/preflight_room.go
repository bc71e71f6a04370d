package deploy

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// Annotations of the storage class that claims without one get; the second is of
// clusters of old.
const (
	defaultClass     = "storageclass.kubernetes.io/is-default-class"
	defaultClassBeta = "storageclass.beta.kubernetes.io/is-default-class"
)

// checkStorage looks for the storage class, before the volumes are made.
func (d *Deployer) checkStorage(ctx context.Context, live live) ([]Problem, error) {
	if set, err := d.running(live); err != nil || set != nil {
		return nil, err
	}
	list, err := d.cluster.Client.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return d.unchecked(err, kube.Access{Verb: "list", Group: storagev1.GroupName, Resource: "storageclasses"}, "whether there is a storage class")
	}
	var names []string
	for i := range list.Items {
		c := &list.Items[i]
		if c.Name == d.StorageClass || d.StorageClass == "" && (c.Annotations[defaultClass] == "true" || c.Annotations[defaultClassBeta] == "true") {
			return nil, nil
		}
		names = append(names, c.Name)
	}
	hint := "install a storage provisioner first: there is no storage class at all"
	if len(names) > 0 {
		hint = "name one of these by --storage-class: " + strings.Join(names, ", ")
	}
	if d.StorageClass == "" {
		return []Problem{problem(hint, "no storage class is the default one")}, nil
	}
	return []Problem{problem(hint, "there is no storage class %q", d.StorageClass)}, nil
}

// unchecked makes a warning of a check for which the user's rights do not do.
func (d *Deployer) unchecked(err error, a kube.Access, what string) ([]Problem, error) {
	if apierrors.IsForbidden(err) {
		return []Problem{{Warning: true, Reason: fmt.Sprintf("not checked %s: you may not %s", what, a)}}, nil
	}
	return nil, d.cluster.Explain(err, a)
}

// checkVolumes looks for what an undeploy has left: members that find data go on
// with it, and so are as many as there were.
func (d *Deployer) checkVolumes(ctx context.Context, live live) ([]Problem, error) {
	if set, err := d.running(live); err != nil || set != nil {
		return nil, err
	}
	list, err := d.cluster.Client.CoreV1().PersistentVolumeClaims(d.cluster.Namespace).List(ctx, metav1.ListOptions{LabelSelector: kube.LabelName + "=" + kube.StatefulSet})
	if err != nil {
		return d.unchecked(err, kube.Access{Verb: "list", Resource: "persistentvolumeclaims", Namespace: d.cluster.Namespace}, "whether there is data from before")
	}
	switch n := len(list.Items); n {
	case 0:
		return nil, nil
	case d.Members:
		return []Problem{{Warning: true, Reason: fmt.Sprintf("volumes of %d members are there from before: the members go on with their data", n)}}, nil
	default:
		return []Problem{problem(fmt.Sprintf("deploy with --members %d, or remove the data by: undeploy --delete-data", n),
			"volumes of %d members are there from before, and %d members are asked for", n, d.Members)}, nil
	}
}

// checkNodes counts the nodes that a member may be put on: no two share one. With
// members that run already it only warns, for one of the nodes may be down.
func (d *Deployer) checkNodes(ctx context.Context, live live) ([]Problem, error) {
	list, err := d.cluster.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return d.unchecked(err, kube.Access{Verb: "list", Resource: "nodes"}, "whether there are nodes enough")
	}
	fit := 0
	var unfit []string
	for i := range list.Items {
		if reason := d.unfit(&list.Items[i]); reason != "" {
			unfit = append(unfit, fmt.Sprintf("%s %s", list.Items[i].Name, reason))
		} else {
			fit++
		}
	}
	set, err := d.running(live)
	if err != nil || fit >= d.Members {
		return nil, err
	}
	const shown = 5
	reason := fmt.Sprintf("%d members need as many nodes, and %d of %d would take one", d.Members, fit, len(list.Items))
	if more := len(unfit) - shown; more > 0 {
		unfit = append(unfit[:shown], fmt.Sprintf("%d more", more))
	}
	if len(unfit) > 0 {
		reason += ": " + strings.Join(unfit, ", ")
	}
	return []Problem{{Warning: set != nil, Reason: reason, Hint: "deploy fewer by --members, or let them on more nodes by --toleration"}}, nil
}

// unfit says why a node takes no member.
func (d *Deployer) unfit(node *corev1.Node) string {
	if node.Spec.Unschedulable {
		return "is cordoned"
	}
	if os := node.Labels[corev1.LabelOSStable]; os != "" && os != "linux" {
		return "runs " + os
	}
	for _, taint := range node.Spec.Taints {
		if taint.Effect != corev1.TaintEffectPreferNoSchedule && !d.tolerates(&taint) {
			return "has taint " + taint.ToString()
		}
	}
	return ""
}
