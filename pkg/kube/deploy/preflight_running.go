package deploy

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// checkForeign refuses to touch objects of the names of ours that somebody else has
// made, and such as are about to go.
func checkForeign(objects []Object, live live) []Problem {
	var problems []Problem
	for _, o := range objects {
		is := live[key(o.Unstructured)]
		switch {
		case is == nil:
		case is.GetDeletionTimestamp() != nil:
			problems = append(problems, problem("wait until it is gone, and deploy again", "%s %q is being deleted", is.GetKind(), is.GetName()))
		case o.GetKind() != kindNamespace && !ours(is):
			problems = append(problems, problem("remove it, or deploy into another namespace by --namespace and --agent-namespace",
				"%s %q in namespace %q is not ours: it has no label %s=%s", is.GetKind(), is.GetName(), is.GetNamespace(), kube.LabelManagedBy, kube.ManagedBy))
		}
	}
	return problems
}

// checkRunning refuses what would have to rebuild a cluster that is there already.
func (d *Deployer) checkRunning(live live) ([]Problem, error) {
	set, err := d.running(live)
	if err != nil || set == nil {
		return nil, err
	}
	var problems []Problem
	refuse := func(hint, format string, args ...any) { problems = append(problems, problem(hint, format, args...)) }
	if is := int(ptr.Deref(set.Spec.Replicas, 1)); is != d.Members {
		refuse(fmt.Sprintf("deploy with --members %d; members join and leave one by one, which is no deploy", is),
			"%d members are deployed, and %d are asked for", is, d.Members)
	}
	if is := secure(set); is != d.TLS {
		refuse("deploy with --tls="+onOff(is)+", or undeploy first",
			"TLS is %s, and members cannot change that one by one", onOff(is))
	} else if is && live[kindSecret+"/"+d.cluster.Namespace+"/"+kube.SecretCA] == nil {
		refuse("restore it from a backup, or undeploy, which keeps the volumes, and deploy again",
			"Secret %q with the CA is gone, and members that run trust no other", kube.SecretCA)
	}
	problems = append(problems, d.checkClaim(set)...)
	problems = append(problems, checkUpgrade(set.Spec.Template.Spec.Containers[0].Image, d.EtcdImage)...)
	return problems, nil
}

// checkClaim refuses other volumes than those that are there.
func (d *Deployer) checkClaim(set *appsv1.StatefulSet) []Problem {
	var problems []Problem
	for i := range set.Spec.VolumeClaimTemplates {
		claim := &set.Spec.VolumeClaimTemplates[i]
		size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
		if asked, err := resource.ParseQuantity(d.StorageSize); err == nil && asked.Cmp(size) != 0 {
			problems = append(problems, problem("deploy with --storage-size "+size.String(), "the members' volumes have %s, and %s is asked for", size.String(), d.StorageSize))
		}
		if is := ptr.Deref(claim.Spec.StorageClassName, ""); d.StorageClass != is {
			with := "without --storage-class"
			if is != "" {
				with = "with --storage-class " + is
			}
			problems = append(problems, problem("deploy "+with, "the members' volumes are of storage class %q, and %q is asked for", is, d.StorageClass))
		}
	}
	return problems
}

const kindSecret = "Secret"

// running is the members' StatefulSet, nil where there is none of ours that
// is to stay.
func (d *Deployer) running(live live) (*appsv1.StatefulSet, error) {
	set := live["StatefulSet/"+d.cluster.Namespace+"/"+kube.StatefulSet]
	if set == nil || !ours(set) || set.GetDeletionTimestamp() != nil {
		return nil, nil
	}
	return typed[appsv1.StatefulSet](set)
}

// secure reports whether members talk to clients over TLS.
func secure(set *appsv1.StatefulSet) bool {
	for i := range set.Spec.Template.Spec.Containers {
		for _, v := range set.Spec.Template.Spec.Containers[i].Env {
			if v.Name == "ETCD_LISTEN_CLIENT_URLS" {
				return strings.HasPrefix(v.Value, "https:")
			}
		}
	}
	return false
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
