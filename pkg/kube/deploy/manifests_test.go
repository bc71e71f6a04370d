package deploy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// full are the manifests' objects, as they are.
func full(t *testing.T) []runtime.Object {
	t.Helper()
	return read(t, "full/*.yaml")
}

func read(t *testing.T, pattern string) (all []runtime.Object) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "manifests", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := deploy.Decode(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		all = append(all, found...)
	}
	return all
}

// the is the object of that type and name.
func the[T runtime.Object](t *testing.T, name string) T {
	t.Helper()
	for _, object := range full(t) {
		if o, ok := object.(T); ok && nameOf(t, o) == name {
			return o
		}
	}
	t.Fatalf("there is no %T %s", *new(T), name)
	panic("unreachable")
}

func nameOf(t *testing.T, object runtime.Object) string {
	t.Helper()
	m, err := meta.Accessor(object)
	if err != nil {
		t.Fatal(err)
	}
	return m.GetName()
}

// pods are the workloads' templates.
func pods(t *testing.T) map[string]*corev1.PodTemplateSpec {
	t.Helper()
	return map[string]*corev1.PodTemplateSpec{
		kube.StatefulSet:   &the[*appsv1.StatefulSet](t, kube.StatefulSet).Spec.Template,
		kube.AgentSet:      &the[*appsv1.DaemonSet](t, kube.AgentSet).Spec.Template,
		kube.AggregatorSet: &the[*appsv1.Deployment](t, kube.AggregatorSet).Spec.Template,
	}
}

func TestManifestsHaveNoUnknownFields(t *testing.T) {
	t.Parallel()
	if n := len(read(t, "single.yaml")); n == 0 {
		t.Error("a single member is nothing")
	}
	for _, object := range full(t) {
		m, err := meta.Accessor(object)
		if err != nil {
			t.Fatal(err)
		}
		labels := m.GetLabels()
		if labels[kube.LabelManagedBy] != kube.ManagedBy || labels[kube.LabelPartOf] != kube.ManagedBy || labels[kube.LabelName] == "" {
			t.Errorf("%s has the labels %v", m.GetName(), labels)
		}
	}
	if _, err := deploy.Decode([]byte("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterip: None}")); err == nil {
		t.Error("a field that is none is read over")
	}
}

// What Pod Security's restricted level asks, but for the agents' hostPath, and what
// we ask beyond.
func TestPodsAreRestricted(t *testing.T) {
	t.Parallel()
	for name, pod := range pods(t) {
		s := pod.Spec
		if p := s.SecurityContext; p == nil || p.RunAsNonRoot == nil || !*p.RunAsNonRoot || p.RunAsUser == nil || *p.RunAsUser == 0 ||
			p.SeccompProfile == nil || p.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: the pod's security context is %v", name, p)
		}
		if s.AutomountServiceAccountToken == nil || *s.AutomountServiceAccountToken || s.HostNetwork || s.HostPID || s.HostIPC {
			t.Errorf("%s has a token, or the host's namespaces", name)
		}
		for _, c := range s.Containers {
			p := c.SecurityContext
			if p == nil || p.ReadOnlyRootFilesystem == nil || !*p.ReadOnlyRootFilesystem ||
				p.AllowPrivilegeEscalation == nil || *p.AllowPrivilegeEscalation || p.Privileged != nil ||
				p.Capabilities == nil || !slices.Equal(p.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(p.Capabilities.Add) > 0 {
				t.Errorf("%s: the container's security context is %v", name, p)
			}
			for _, m := range c.VolumeMounts {
				if !m.ReadOnly && m.Name != "data" {
					t.Errorf("%s may write to %s", name, m.MountPath)
				}
			}
			if c.Resources.Requests.Memory().IsZero() || c.Resources.Limits.Memory().IsZero() || !c.Resources.Limits.Cpu().IsZero() {
				t.Errorf("%s has the resources %v", name, c.Resources)
			}
		}
		for _, v := range s.Volumes {
			if v.Secret != nil && *v.Secret.DefaultMode != 0o440 {
				t.Errorf("%s: others may read the secret %s", name, v.Secret.SecretName)
			}
			if v.HostPath != nil && name != kube.AgentSet {
				t.Errorf("%s reads the host's %s", name, v.HostPath.Path)
			}
		}
	}
	for namespace, level := range map[string]string{kube.DefaultNamespace: "restricted", kube.DefaultAgentNamespace: "privileged"} {
		if got := the[*corev1.Namespace](t, namespace).Labels["pod-security.kubernetes.io/enforce"]; got != level {
			t.Errorf("namespace %s enforces %q", namespace, got)
		}
	}
}

func TestMembersSurviveWhatKubernetesDoes(t *testing.T) {
	t.Parallel()
	set := the[*appsv1.StatefulSet](t, kube.StatefulSet)
	if set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement || set.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType {
		t.Errorf("members are started %s and restarted %s", set.Spec.PodManagementPolicy, set.Spec.UpdateStrategy.Type)
	}
	spec := set.Spec.Template.Spec
	if required := spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution; len(required) != 1 || required[0].TopologyKey != corev1.LabelHostname {
		t.Errorf("a node may get two members: %v", required)
	}
	if spread := spec.TopologySpreadConstraints; len(spread) != 1 || spread[0].TopologyKey != corev1.LabelTopologyZone {
		t.Errorf("zones: %v", spread)
	}
	if spec.ShareProcessNamespace == nil || !*spec.ShareProcessNamespace {
		t.Error("leader-kill cannot kill it")
	}
	c := spec.Containers[0]
	if live := c.LivenessProbe.HTTPGet; live.Path != "/livez" || c.StartupProbe.HTTPGet.Path != "/livez" {
		t.Errorf("a member that has no quorum is restarted: %s", live.Path)
	}
	if ready := c.ReadinessProbe.HTTPGet; ready.Path != "/readyz" {
		t.Errorf("ready is asked at %s", ready.Path)
	}
	if request, limit := c.Resources.Requests.Memory(), c.Resources.Limits.Memory(); request.Cmp(*limit) != 0 {
		t.Errorf("memory: %s requested, %s the limit", request, limit)
	}
	if pdb := the[*policyv1.PodDisruptionBudget](t, kube.StatefulSet); pdb.Spec.MaxUnavailable.IntValue() != 1 {
		t.Errorf("a drain takes %v members", pdb.Spec.MaxUnavailable)
	}
	service := the[*corev1.Service](t, kube.Service)
	if !service.Spec.PublishNotReadyAddresses || service.Spec.ClusterIP != corev1.ClusterIPNone {
		t.Error("members cannot find each other until they are ready")
	}
}

// Peers refuse a member that has two names in reverse DNS.
func TestOneServiceSelectsMembers(t *testing.T) {
	t.Parallel()
	for _, object := range full(t) {
		if s, ok := object.(*corev1.Service); ok && (s.Spec.Selector[kube.LabelName] == kube.StatefulSet) != (s.Name == kube.Service) {
			t.Errorf("service %s selects %v", s.Name, s.Spec.Selector)
		}
	}
}

// All certificates are of one CA: it is not enough that a peer's is signed by it.
func TestClientsCertificateIsNoPeers(t *testing.T) {
	t.Parallel()
	env := make(map[string]string)
	for _, v := range pods(t)[kube.StatefulSet].Spec.Containers[0].Env {
		env[v.Name] = v.Value
	}
	for name, want := range map[string]string{
		"ETCD_CLIENT_CERT_AUTH": "true", "ETCD_PEER_CLIENT_CERT_AUTH": "true", "ETCD_PEER_CERT_ALLOWED_CN": pki.PeerName, "ETCD_ENABLE_GRPC_GATEWAY": "false",
	} {
		if env[name] != want {
			t.Errorf("%s=%s", name, env[name])
		}
	}
	for _, gate := range []string{"InitialCorruptCheck", "CompactHashCheck", "StopGRPCServiceOnDefrag"} {
		if !strings.Contains(env["ETCD_FEATURE_GATES"], gate+"=true") {
			t.Errorf("%s is off", gate)
		}
	}
}

func TestAgentRunsOnEveryNode(t *testing.T) {
	t.Parallel()
	spec := pods(t)[kube.AgentSet].Spec
	if tolerations := spec.Tolerations; len(tolerations) != 1 || tolerations[0].Operator != corev1.TolerationOpExists || tolerations[0].Key != "" || tolerations[0].Effect != "" {
		t.Errorf("it tolerates %v", tolerations)
	}
	if spec.NodeSelector != nil || spec.Affinity != nil {
		t.Error("it chooses nodes")
	}
}
