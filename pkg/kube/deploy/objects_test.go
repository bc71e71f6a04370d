package deploy_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

var update = flag.Bool("update", false, "write the golden files anew")

func certificates(t *testing.T) *pki.Bundle {
	t.Helper()
	b, _, err := pki.Renew(nil, pki.Names{Service: kube.Service, Namespace: "etcd", ClusterDomain: "cluster.local"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func options() deploy.Options {
	o := deploy.Defaults()
	o.Image = "example.test/kubectl-monitor:1"
	return o
}

func objects(t *testing.T, o deploy.Options, namespace, agentNamespace string, certs *pki.Bundle) []deploy.Object {
	t.Helper()
	found, err := deploy.Objects(o, namespace, agentNamespace, certs)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// document is what would be applied, without the certificates, which differ from
// run to run.
func document(t *testing.T, found []deploy.Object) string {
	t.Helper()
	var text strings.Builder
	for _, o := range found {
		if o.GetKind() == "Secret" {
			o = deploy.Object{Unstructured: o.DeepCopy()}
			delete(o.Object, "data")
		}
		data, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + string(data))
	}
	return text.String()
}

func TestObjectsAreThoseOfTheOptions(t *testing.T) {
	t.Parallel()
	large := options()
	large.Members, large.Aggregators, large.StorageClass, large.StorageSize = 5, 3, "fast", "20Gi"
	large.EtcdImage, large.ImagePullPolicy = "example.test/etcd:v3.6.14", corev1.PullNever
	large.Tolerations = []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}}
	large.EtcdResources.Requests = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("4Gi")}
	large.EtcdResources.Limits = large.EtcdResources.Requests
	large.AgentResources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("128Mi")}
	large.AggregatorResources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}
	small := options()
	small.Members, small.Aggregators = 1, 0
	for name, got := range map[string]string{
		"default": document(t, objects(t, options(), "etcd", "monitor", certificates(t))),
		"large":   document(t, objects(t, large, "store", "watchers", certificates(t))),
		"plain":   document(t, objects(t, small, "etcd", "monitor", nil)),
	} {
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSameOptionsAreTheSameObjects(t *testing.T) {
	t.Parallel()
	certs := certificates(t)
	first, second := objects(t, options(), "etcd", "monitor", certs), objects(t, options(), "etcd", "monitor", certs)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsSaidThatIsNotOursToSay(t *testing.T) {
	t.Parallel()
	secure := document(t, objects(t, options(), "etcd", "monitor", certificates(t)))
	plain := document(t, objects(t, options(), "etcd", "monitor", nil))
	for _, bad := range []string{"status:", "creationTimestamp", ": null"} {
		if strings.Contains(secure, bad) {
			t.Errorf("%q is said", bad)
		}
	}
	for _, bad := range []string{"http://etcd", "http://$("} {
		if strings.Contains(secure, bad) {
			t.Errorf("with TLS, %q is said", bad)
		}
	}
	for _, bad := range []string{"https:", "-ssl", "tls", "pki", "CERT", "kind: Secret", "cacert"} {
		if strings.Contains(plain, bad) {
			t.Errorf("without TLS, %q is said", bad)
		}
	}
}

func TestNothingStaysBehindInTheDefaultNamespaces(t *testing.T) {
	t.Parallel()
	moved := document(t, objects(t, options(), "store", "watchers", certificates(t)))
	for _, namespace := range []string{kube.DefaultNamespace, kube.DefaultAgentNamespace} {
		for _, bad := range []string{"namespace: " + namespace + "\n", "metadata.name: " + namespace + "\n", kube.Service + "." + namespace} {
			if strings.Contains(moved, bad) {
				t.Errorf("it says %q", bad)
			}
		}
	}
	if _, err := deploy.Objects(options(), "same", "same", nil); err == nil || !strings.Contains(err.Error(), `"same"`) {
		t.Errorf("one namespace for both: %v", err)
	}
}

func TestStagesFollowEachOther(t *testing.T) {
	t.Parallel()
	found := objects(t, options(), "etcd", "monitor", certificates(t))
	if !slices.IsSortedFunc(found, func(a, b deploy.Object) int { return int(a.Stage - b.Stage) }) {
		t.Error("a stage comes before the one that it needs")
	}
	seen := make(map[string]bool)
	stages := map[string]deploy.Stage{"StatefulSet": deploy.Members, "DaemonSet": deploy.Watchers, "Deployment": deploy.Watchers}
	for _, o := range found {
		seen[o.Name()] = true
		if stage := stages[o.GetKind()]; o.Stage != stage { // Ground for all others
			t.Errorf("%s is applied in stage %d, not %d", o.Name(), o.Stage, stage)
		}
		if ns := o.GetNamespace(); ns != "" && !seen["Namespace/"+ns] {
			t.Errorf("%s comes before its namespace", o.Name())
		}
	}
}

func TestKeyOfTheCAStaysWithTheMembers(t *testing.T) {
	t.Parallel()
	for _, o := range objects(t, options(), "etcd", "monitor", certificates(t)) {
		if o.GetKind() != "Secret" {
			continue
		}
		forAgents := o.GetName() == kube.SecretAgent || o.GetName() == kube.SecretAggregator
		if forAgents != (o.GetNamespace() == "monitor") {
			t.Errorf("%s is in namespace %s", o.Name(), o.GetNamespace())
		}
	}
}
