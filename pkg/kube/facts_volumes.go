package kube

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// usageTimeout bounds the question of how full volumes are, which a node that is
// down does not answer.
const usageTimeout = 1500 * time.Millisecond

// statsSummary is the part of a kubelet's /stats/summary that is of use here; see
// k8s.io/kubelet/pkg/apis/stats/v1alpha1.
type statsSummary struct {
	Pods []struct {
		PodRef struct {
			Namespace string `json:"namespace"`
		} `json:"podRef"`
		Volumes []struct {
			PVCRef *struct {
				Name string `json:"name"`
			} `json:"pvcRef"`
			UsedBytes *int64 `json:"usedBytes"`
		} `json:"volume"`
	} `json:"pods"`
}

// volumeUsage is how much of the pods' volumes is used, by their claims' names. Few
// users may ask a kubelet (get nodes/proxy), and not every kind of volume is
// measured: what is not there is not known, and no error.
func (c *Cluster) volumeUsage(ctx context.Context, pods []corev1.Pod) map[string]int64 {
	ctx, cancel := context.WithTimeout(ctx, usageTimeout)
	defer cancel()
	nodes := make(map[string]*statsSummary)
	for i := range pods {
		if name := pods[i].Spec.NodeName; name != "" {
			nodes[name] = new(statsSummary)
		}
	}
	var asking sync.WaitGroup
	for name, stats := range nodes {
		asking.Go(func() {
			data, err := c.Client.CoreV1().RESTClient().Get().Resource("nodes").Name(name).
				SubResource("proxy").Suffix("stats", "summary").DoRaw(ctx)
			if err == nil {
				_ = json.Unmarshal(data, stats)
			}
		})
	}
	asking.Wait()
	used := make(map[string]int64)
	for _, stats := range nodes {
		maps.Copy(used, stats.used(c.Namespace))
	}
	return used
}

// used is how much of each claim of a namespace is used, in bytes.
func (s *statsSummary) used(namespace string) map[string]int64 {
	used := make(map[string]int64)
	for _, pod := range s.Pods {
		for _, v := range pod.Volumes {
			if pod.PodRef.Namespace == namespace && v.PVCRef != nil && v.UsedBytes != nil {
				used[v.PVCRef.Name] = *v.UsedBytes
			}
		}
	}
	return used
}
