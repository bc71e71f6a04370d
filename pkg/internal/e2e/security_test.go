//go:build e2e

package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

func testSecurity(t *testing.T) {
	t.Run("Users", testUsers)
	t.Run("NoCertificate", func(t *testing.T) {
		none := as(t, "", "")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := none.Get(ctx, "/monitor/", clientv3.WithPrefix()); err == nil {
			t.Error("etcd serves a client without a certificate")
		}
		if _, err := none.Put(ctx, "/monitor/heartbeat/x", "x"); err == nil {
			t.Error("etcd takes a write of a client without a certificate")
		}
	})
	t.Run("Restricted", func(t *testing.T) {
		r := kubectl(t, "get", "namespace", namespace, "-o", `jsonpath={.metadata.labels.pod-security\.kubernetes\.io/enforce}`).ok(t)
		if r.stdout != "restricted" {
			t.Errorf("namespace %s enforces %q", namespace, r.stdout)
		}
		apply(t, `{apiVersion: v1, kind: Pod, metadata: {name: e2e-bad, namespace: `+namespace+`}, spec: {containers: [{name: c, image: "busybox:1"}]}}`).
			ends(t, 1).says(t, "violates PodSecurity")
		kubectl(t, "get", "pods", "-n", agentNamespace, "-o", `jsonpath={range .items[*].spec.containers[*]}{.securityContext.runAsNonRoot}{.securityContext.allowPrivilegeEscalation}{.securityContext.capabilities.drop[0]} {end}`).
			ok(t).saysNot(t, "(^| )(false|true)true").says(t, "falseALL")
	})
	t.Run("NothingSecretIsTold", testNothingSecretIsTold)
}

// as is a client with a secret's certificate; none without a secret.
func as(t *testing.T, ns, secret string) *etcd.Client {
	t.Helper()
	rest, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := kube.Open(kube.Config{REST: rest, Namespace: namespace, AgentNamespace: agentNamespace})
	if err != nil {
		t.Fatal(err)
	}
	found, err := cluster.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg := found.Etcd
	cfg.TLS = &tls.Config{RootCAs: cfg.TLS.RootCAs, MinVersion: tls.VersionTLS12}
	if secret != "" {
		pair, err := tls.X509KeyPair(secretData(t, ns, secret, "tls.crt"), secretData(t, ns, secret, "tls.key"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.TLS.Certificates = []tls.Certificate{pair}
	}
	client, err := etcd.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func secretData(t *testing.T, ns, name, key string) []byte {
	t.Helper()
	r := kubectl(t, "get", "secret", name, "-n", ns, "-o", "jsonpath={.data."+strings.ReplaceAll(key, ".", `\.`)+"}").ok(t)
	data, err := base64.StdEncoding.DecodeString(r.stdout)
	if err != nil || len(data) == 0 {
		t.Fatalf("secret %s/%s has no %s: %v", ns, name, key, err)
	}
	return data
}

// testUsers tries every right of the table, and what lies just beside it.
func testUsers(t *testing.T) {
	everywhere := []string{"heartbeat/e2e", "config/e2e", "config-log/e2e/1", "election/aggregator/e2e", "host/e2e", "event/00e2e", "summary", "drill/e2e", "other", ""}
	may := func(mays ...string) map[string]bool {
		m := make(map[string]bool)
		for _, k := range mays {
			m[k] = true
		}
		return m
	}
	for _, user := range []struct {
		name, namespace, secret string
		reads, writes           map[string]bool
	}{
		{"agent", agentNamespace, kube.SecretAgent, may("heartbeat/e2e", "config/e2e"), may("heartbeat/e2e")},
		{"aggregator", agentNamespace, kube.SecretAggregator, may(everywhere[:len(everywhere)-1]...), may("election/aggregator/e2e", "host/e2e", "event/00e2e", "summary")},
		{"viewer", namespace, kube.SecretViewer, may(everywhere[:len(everywhere)-1]...), may()},
	} {
		t.Run(user.name, func(t *testing.T) {
			client := as(t, user.namespace, user.secret)
			if name := commonName(t, secretData(t, user.namespace, user.secret, "tls.crt")); name != user.name {
				t.Errorf("the certificate names %q", name)
			}
			for _, key := range everywhere {
				full := "/monitor/" + key
				if key == "" {
					full = "elsewhere"
				}
				_, err := client.Get(t.Context(), full)
				judge(t, "read "+full, err, user.reads[key])
				// A compare that fails writes nothing, and asks for the right to.
				_, err = client.Txn(t.Context()).If(clientv3.Compare(clientv3.CreateRevision("/monitor/heartbeat/never"), ">", 0)).Then(clientv3.OpPut(full, "e2e")).Commit()
				judge(t, "write "+full, err, user.writes[key])
			}
			_, err := client.Get(t.Context(), "\x00", clientv3.WithFromKey(), clientv3.WithLimit(1))
			judge(t, "read everything", err, false)
			_, err = client.UserAdd(t.Context(), "e2e", "e2e")
			judge(t, "add a user", err, false)
		})
	}
}

func judge(t *testing.T, what string, err error, may bool) {
	t.Helper()
	switch {
	case may && err != nil:
		t.Errorf("%s: %v", what, err)
	case !may && etcd.Classify(err) != etcd.ClassDenied:
		t.Errorf("%s is not refused: %v", what, err)
	}
}

func commonName(t *testing.T, data []byte) string {
	t.Helper()
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatal("no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert.Subject.CommonName
}

// testNothingSecretIsTold looks for private keys where they must not be.
func testNothingSecretIsTold(t *testing.T) {
	var secrets []string
	for ns, names := range map[string][]string{
		namespace:      {kube.SecretCA, kube.SecretPeer, kube.SecretServer, kube.SecretAdmin, kube.SecretViewer},
		agentNamespace: {kube.SecretAgent, kube.SecretAggregator},
	} {
		for _, name := range names {
			key := string(secretData(t, ns, name, "tls.key"))
			line := strings.Split(key, "\n")[1]
			secrets = append(secrets, line, base64.StdEncoding.EncodeToString([]byte(key))[40:80])
		}
	}
	clean := func(where, text string) {
		t.Helper()
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("a private key is in %s", where)
			}
		}
		if strings.Contains(text, "PRIVATE KEY") {
			t.Errorf("a private key is in %s", where)
		}
	}
	for _, ns := range []string{namespace, agentNamespace} {
		for pod := range strings.FieldsSeq(kubectl(t, "get", "pods", "-n", ns, "-o", "name").ok(t).stdout) {
			clean("the log of "+pod, kubectl(t, "logs", "-n", ns, pod, "--all-containers").stdout)
			clean("the spec of "+pod, kubectl(t, "get", "-n", ns, pod, "-o", "yaml").ok(t).stdout)
		}
	}
	clean("-o yaml", monitor(t, append(deployArgs(), "--dry-run=client", "-o", "yaml")...).ok(t).stdout)
	v := monitor(t, "status", "-v").ok(t)
	clean("status -v", v.stdout+v.stderr)
	for _, dir := range []string{os.Getenv("XDG_STATE_HOME"), os.Getenv("XDG_CONFIG_HOME")} {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				data, _ := os.ReadFile(path)
				clean(path, string(data))
			}
			return nil
		})
	}
}

// testRights: who may do less is told what is missing, and sees the rest.
func testRights(t *testing.T) {
	r := monitor(t, "status", "--as", "nobody")
	if r.code == 0 {
		t.Errorf("nobody sees it all: %v", r)
	}
	r.says(t, "may not (get|list)")
	apply(t, `{apiVersion: v1, kind: List, items: [
		{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: e2e-looker}, rules: [
			{apiGroups: [""], resources: [pods, nodes, events, persistentvolumeclaims], verbs: [get, list, watch]},
			{apiGroups: [apps], resources: [statefulsets, daemonsets, deployments], verbs: [get, list, watch]}]},
		{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-looker}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: e2e-looker},
			subjects: [{kind: User, name: looker, apiGroup: rbac.authorization.k8s.io}]}]}`).ok(t)
	afterwards(t, "kubectl", "delete", "clusterrole/e2e-looker", "clusterrolebinding/e2e-looker")
	r = monitor(t, "status", "--as", "looker")
	r.says(t, `secrets`).says(t, "etcd-0").says(t, nodeNames(t)[0])
}
