package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

var (
	names = pki.Names{Service: "etcd-service", Namespace: "etcd", ClusterDomain: "cluster.local"}
	now   = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	all   = []string{"CA", "peer", "server", "admin", "viewer", "agent", "aggregator"}
)

func renew(t *testing.T, old *pki.Bundle, n pki.Names, at time.Time, want ...string) *pki.Bundle {
	t.Helper()
	b, renewed, err := pki.Renew(old, n, at)
	if err != nil || !slices.Equal(renewed, want) {
		t.Fatalf("renewed %q, %v; want %q", renewed, err, want)
	}
	return b
}

func parse(t *testing.T, p pki.Pair) *x509.Certificate {
	t.Helper()
	if _, err := tls.X509KeyPair(p.Cert, p.Key); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(p.Cert)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestEachCertificateIsForItsUseAlone(t *testing.T) {
	t.Parallel()
	b := renew(t, nil, names, now, all...)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CA.Cert)
	may := func(p pki.Pair, host string, usage x509.ExtKeyUsage) bool {
		_, err := parse(t, p).Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, DNSName: host, KeyUsages: []x509.ExtKeyUsage{usage}})
		return err == nil
	}
	const server, client = x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	for _, host := range []string{
		"etcd-0.etcd-service.etcd.svc", "etcd-4.etcd-service.etcd.svc.cluster.local", "etcd-service.etcd.svc", "localhost", "127.0.0.1", "::1",
	} {
		if !may(b.Server, host, server) {
			t.Errorf("the server's is not for %s", host)
		}
	}
	for _, host := range []string{"etcd-0.etcd-service.other.svc", "etcd.svc", "a.b.etcd-service.etcd.svc", "10.0.0.1"} {
		if may(b.Server, host, server) {
			t.Errorf("the server's is for %s", host)
		}
	}
	if !may(b.Peer, "etcd-1.etcd-service.etcd.svc.cluster.local", server) || !may(b.Peer, "", client) {
		t.Error("the peer's is not for both ends")
	}
	if !may(b.Peer, "etcd-service.etcd.svc", server) {
		t.Error("where addresses have no names, peers refuse each other")
	}
	for user, p := range map[string]pki.Pair{"root": b.Admin, "viewer": b.Viewer, "agent": b.Agent, "aggregator": b.Aggregator} {
		if cn := parse(t, p).Subject.CommonName; cn != user || !may(p, "", client) || may(p, "", server) {
			t.Errorf("that of %s is %s's, a client's: %v, a server's: %v", user, cn, may(p, "", client), may(p, "", server))
		}
	}
	if may(b.Server, "localhost", client) {
		t.Error("who has the server's key is a client")
	}
}

func TestOnlyWhatIsNotGoodIsRenewed(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	b := renew(t, nil, names, now, all...)
	same := renew(t, b, names, now.Add(334*day))
	if string(same.Server.Cert) != string(b.Server.Cert) {
		t.Error("what is good is made anew")
	}
	later := renew(t, b, names, now.Add(336*day), all[1:]...)
	if string(later.CA.Cert) != string(b.CA.Cert) {
		t.Error("the CA is not kept")
	}
	moved := names
	moved.ClusterDomain = "example.org"
	renew(t, b, moved, now, "peer", "server")

	lacking := *b
	lacking.Viewer = pki.Pair{}
	renew(t, &lacking, names, now, "viewer")
	lacking.Viewer = pki.Pair{Cert: b.Viewer.Cert, Key: b.Agent.Key}
	renew(t, &lacking, names, now, "viewer")
	lacking.Viewer = b.Admin
	renew(t, &lacking, names, now, "viewer")

	other := renew(t, nil, names, now, all...)
	other.CA = b.CA
	renew(t, other, names, now, all[1:]...)
	lacking = *b
	lacking.CA = pki.Pair{}
	renew(t, &lacking, names, now, all...)
}

func TestCAIsNeverReplacedByItself(t *testing.T) {
	t.Parallel()
	b := renew(t, nil, names, now, all...)
	if _, _, err := pki.Renew(b, names, now.Add(11*365*24*time.Hour)); err == nil {
		t.Error("a CA that has ended goes on signing")
	}
	b.CA.Key = b.Admin.Key
	if _, _, err := pki.Renew(b, names, now); err == nil {
		t.Error("a CA with another's key signs")
	}
	// What it signs does not outlive it.
	b = renew(t, nil, names, now, all...)
	nearly := renew(t, b, names, now.Add(9*365*24*time.Hour+200*24*time.Hour), all[1:]...)
	if parse(t, nearly.Admin).NotAfter.After(parse(t, nearly.CA).NotAfter) {
		t.Error("a certificate outlives its CA")
	}
}
