package kube

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// Connection is the way to etcd through the API server.
type Connection struct {
	Etcd    etcd.Config
	Members []Member
	// Aggregators are the names of their pods, as far as the user may list them.
	Aggregators []string
	// User is etcd's name for who connects, by its certificate; empty without TLS.
	User string
}

// Member is a member that Kubernetes knows of, whether or not its pod is there.
type Member struct {
	Name     string
	Endpoint string
}

// Connect finds the members and the client certificate, the admin's where the
// user may read it, else the viewer's. It calls the API server, and no member.
// Without a certificate every call to a member fails, and says why there is none:
// what Kubernetes tells can be shown all the same.
func (c *Cluster) Connect(ctx context.Context) (*Connection, error) {
	var (
		asking              sync.WaitGroup
		found               deployed
		secure              *tls.Config
		user                string
		foundErr, secureErr error
	)
	asking.Go(func() { found, foundErr = c.find(ctx) })
	conn := &Connection{Etcd: etcd.Config{Dial: c.Dial}}
	asking.Go(func() { secure, user, secureErr = c.identity(ctx) })
	asking.Go(func() { conn.Aggregators = c.aggregators(ctx) })
	asking.Wait()
	if foundErr != nil {
		return nil, foundErr
	}
	scheme := "http"
	if found.tls() {
		scheme, conn.Etcd.TLS, conn.User = "https", secure, user
		if secureErr != nil {
			conn.Etcd.Dial = func(context.Context, string) (net.Conn, error) { return nil, secureErr }
		}
	}
	for _, name := range found.members() {
		m := Member{Name: name, Endpoint: fmt.Sprintf("%s://%s:%d", scheme, MemberHost(name, c.Namespace), ClientPort)}
		conn.Members = append(conn.Members, m)
		conn.Etcd.Endpoints = append(conn.Etcd.Endpoints, m.Endpoint)
	}
	if len(conn.Members) == 0 {
		return nil, &NotDeployedError{c.Name()}
	}
	return conn, nil
}

// aggregators names the aggregators' pods.
func (c *Cluster) aggregators(ctx context.Context) []string {
	pods, err := c.Client.CoreV1().Pods(c.AgentNamespace).List(ctx, metav1.ListOptions{LabelSelector: LabelName + "=" + AggregatorSet})
	if err != nil {
		return nil // who may not list them is not told that none leads, where none ever has
	}
	var names []string
	for i := range pods.Items {
		names = append(names, pods.Items[i].Name)
	}
	return names
}

// deployed is what the API server has of the members. Either is enough.
type deployed struct {
	set     *appsv1.StatefulSet
	pods    []corev1.Pod
	podsErr error
}

func (c *Cluster) find(ctx context.Context) (deployed, error) {
	var (
		asking sync.WaitGroup
		found  deployed
		setErr error
	)
	asking.Go(func() {
		var set *appsv1.StatefulSet
		set, setErr = c.Client.AppsV1().StatefulSets(c.Namespace).Get(ctx, StatefulSet, metav1.GetOptions{})
		if setErr == nil {
			found.set = set
		}
	})
	asking.Go(func() {
		pods, err := c.Client.CoreV1().Pods(c.Namespace).List(ctx, metav1.ListOptions{LabelSelector: LabelName + "=" + StatefulSet})
		if found.podsErr = c.explain(err, Access{Verb: "list", Resource: "pods", Namespace: c.Namespace}); err == nil {
			found.pods = pods.Items
		}
	})
	asking.Wait()
	switch {
	case found.set != nil || len(found.pods) > 0:
		return found, nil
	case apierrors.IsNotFound(setErr) || found.podsErr == nil:
		return found, &NotDeployedError{c.Name()}
	}
	return found, c.explain(setErr, Access{Verb: "get", Group: appsv1.GroupName, Resource: "statefulsets", Namespace: c.Namespace, Name: StatefulSet})
}

// members names the members in the order of their ordinals.
func (d deployed) members() []string {
	var names []string
	if d.set != nil {
		for i := range int(ptr.Deref(d.set.Spec.Replicas, 1)) {
			names = append(names, MemberPod(i))
		}
	}
	for i := range d.pods {
		if !slices.Contains(names, d.pods[i].Name) {
			names = append(names, d.pods[i].Name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return names
}

// tls reports whether the members talk to clients over TLS.
func (d deployed) tls() bool { return strings.HasPrefix(d.env("ETCD_LISTEN_CLIENT_URLS"), "https:") }

// env is a variable of the members' environment; empty if it is not there.
func (d deployed) env(name string) string {
	spec := corev1.PodSpec{}
	if d.set != nil {
		spec = d.set.Spec.Template.Spec
	} else if len(d.pods) > 0 {
		spec = d.pods[0].Spec
	}
	for i := range spec.Containers {
		for _, e := range spec.Containers[i].Env {
			if e.Name == name {
				return e.Value
			}
		}
	}
	return ""
}

// identity is the best client certificate that the user may read, and the name
// that it gives. It stays in memory.
func (c *Cluster) identity(ctx context.Context) (*tls.Config, string, error) {
	var (
		reading sync.WaitGroup
		secrets [2]*corev1.Secret
		errs    [2]error
		names   = [2]string{SecretAdmin, SecretViewer}
	)
	for i, name := range names {
		reading.Go(func() {
			secrets[i], errs[i] = c.Client.CoreV1().Secrets(c.Namespace).Get(ctx, name, metav1.GetOptions{})
		})
	}
	reading.Wait()
	for i := range names {
		if errs[i] == nil {
			secure, user, err := clientTLS(secrets[i])
			if err != nil {
				return nil, "", fmt.Errorf("read secret %q in namespace %q: %w", names[i], c.Namespace, err)
			}
			return secure, user, nil
		}
	}
	err := errs[1]
	if apierrors.IsNotFound(err) {
		err = errs[0]
	}
	return nil, "", c.explain(err, Access{Verb: "get", Resource: "secrets", Namespace: c.Namespace, Name: SecretViewer})
}

// clientTLS makes a client's configuration of a secret, and names its user.
func clientTLS(secret *corev1.Secret) (*tls.Config, string, error) {
	pair, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
	if err != nil {
		return nil, "", err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(secret.Data[corev1.ServiceAccountRootCAKey]) {
		return nil, "", errors.New("it has no ca.crt")
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, Certificates: []tls.Certificate{pair}}, pair.Leaf.Subject.CommonName, nil
}
