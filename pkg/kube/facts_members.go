package kube

import (
	"context"
	"errors"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// MemberFacts is the part of Facts that concerns the members.
func (c *Cluster) MemberFacts(ctx context.Context) (facts []model.MemberFacts, errs []string) {
	var (
		asking              sync.WaitGroup
		found               deployed
		claims              []corev1.PersistentVolumeClaim
		events              []corev1.Event
		used                map[string]int64
		foundErr, claimsErr error
	)
	asking.Go(func() {
		found, foundErr = c.find(ctx)
		events = c.podEvents(ctx, c.Namespace, found.pods)
		used = c.volumeUsage(ctx, found.pods)
	})
	asking.Go(func() {
		list, err := c.Client.CoreV1().PersistentVolumeClaims(c.Namespace).List(ctx, metav1.ListOptions{})
		if claimsErr = c.explain(err, Access{Verb: "list", Resource: "persistentvolumeclaims", Namespace: c.Namespace}); err == nil {
			claims = list.Items
		}
	})
	asking.Wait()
	if _, none := errors.AsType[*NotDeployedError](foundErr); none {
		foundErr = nil
	} else if foundErr == nil {
		foundErr = found.podsErr
	}
	for _, name := range found.members() {
		f := model.MemberFacts{Name: name, Volume: volumeOf(found.claim(name), claims, used)}
		for i := range found.pods {
			if p := &found.pods[i]; p.Name == name {
				f.Pod = new(podFacts(p, events))
			}
		}
		if f.Pod == nil && found.podsErr == nil {
			f.NoPod = c.whyNotMade(ctx, c.Namespace, "StatefulSet", StatefulSet)
		}
		facts = append(facts, f)
	}
	return facts, told(foundErr, claimsErr)
}

// claim names the claim that holds a member's data. It is there also while the
// member's pod is not: a StatefulSet names its claims TEMPLATE-POD.
func (d deployed) claim(member string) string {
	template := "data"
	if d.set != nil && len(d.set.Spec.VolumeClaimTemplates) > 0 {
		template = d.set.Spec.VolumeClaimTemplates[0].Name
	}
	return template + "-" + member
}

func volumeOf(claim string, claims []corev1.PersistentVolumeClaim, used map[string]int64) *model.Volume {
	for i := range claims {
		if claims[i].Name != claim {
			continue
		}
		v := &model.Volume{Name: claim}
		if capacity, ok := claims[i].Status.Capacity[corev1.ResourceStorage]; ok {
			v.Capacity = new(capacity.Value())
		}
		if bytes, ok := used[claim]; ok {
			v.Used = &bytes
		}
		return v
	}
	return nil
}
