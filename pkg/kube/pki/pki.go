// Package pki makes the certificates of a cluster of ours: a CA, and what it
// signs. It promises to keep what is still good, and to write nothing anywhere.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// How long certificates last, and when they are made anew.
const (
	caLife    = 10 * 365 * 24 * time.Hour
	life      = 365 * 24 * time.Hour
	tooOld    = 30 * 24 * time.Hour // with less left, a certificate is renewed
	clockSkew = 5 * time.Minute     // before now, for clocks that are behind
)

// Pair is a certificate and its private key, in PEM form.
type Pair struct{ Cert, Key []byte }

// Bundle is every certificate of a cluster. The last four are clients', whose
// common name is their user in etcd.
type Bundle struct {
	CA, Peer, Server                 Pair
	Admin, Viewer, Agent, Aggregator Pair
}

// Names are those that members are reached by.
type Names struct {
	Service       string // the headless one
	Namespace     string
	ClusterDomain string // cluster.local, mostly
}

// Users of etcd, by the common names of their certificates.
const (
	UserRoot       = "root"
	UserViewer     = "viewer"
	UserAgent      = "agent"
	UserAggregator = "aggregator"
)

// PeerName is the common name of the members' certificates among themselves.
// Members refuse any other, since the CA signs clients' certificates too.
const PeerName = "etcd-peer"

// leaf is a certificate that the CA signs.
type leaf struct {
	name   string // in messages
	pair   *Pair
	cn     string
	server bool // may be shown to who connects
	client bool // may be shown to whom is connected to
	dns    []string
	ips    []net.IP
}

// leaves are all certificates but the CA's. A member asks DNS whether a peer's
// address is of a name in its certificate: back from the address for names with a
// star, forth for the others. The service's own name, which is of all members'
// addresses, is there for clusters that answer only one of the two.
func (b *Bundle) leaves(n Names) []leaf {
	within := fmt.Sprintf("%s.%s.svc", n.Service, n.Namespace)
	full := within + "." + n.ClusterDomain
	members := []string{"*." + within, "*." + full, within, full}
	served := append(slices.Clone(members), "localhost")
	loopback := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	return []leaf{
		{name: "peer", pair: &b.Peer, cn: PeerName, server: true, client: true, dns: members},
		{name: "server", pair: &b.Server, cn: "etcd-server", server: true, dns: served, ips: loopback},
		{name: "admin", pair: &b.Admin, cn: UserRoot, client: true},
		{name: "viewer", pair: &b.Viewer, cn: UserViewer, client: true},
		{name: "agent", pair: &b.Agent, cn: UserAgent, client: true},
		{name: "aggregator", pair: &b.Aggregator, cn: UserAggregator, client: true},
	}
}

// Renew makes what old lacks, and what of it has less than 30 days left, lacks a
// name, or was not signed by its CA; and tells what that is. It keeps the CA: only
// one that is missing is made, and with it everything.
func Renew(old *Bundle, n Names, now time.Time) (b *Bundle, renewed []string, err error) {
	b = new(Bundle)
	if old != nil {
		*b = *old
	}
	if len(b.CA.Cert) == 0 {
		if b.CA, err = newCA(n, now); err != nil {
			return nil, nil, fmt.Errorf("make the CA: %w", err)
		}
		renewed = append(renewed, "CA")
	}
	ca, key, err := parse(b.CA)
	if err != nil {
		return nil, nil, fmt.Errorf("read the CA: %w", err)
	}
	if now.After(ca.NotAfter) {
		return nil, nil, fmt.Errorf("the CA has ended at %s", ca.NotAfter.Format(time.DateOnly))
	}
	for _, l := range b.leaves(n) {
		if l.good(ca, now) {
			continue
		}
		if *l.pair, err = l.sign(ca, key, now); err != nil {
			return nil, nil, fmt.Errorf("make the certificate of %s: %w", l.name, err)
		}
		renewed = append(renewed, l.name)
	}
	return b, renewed, nil
}

func newCA(n Names, now time.Time) (Pair, error) {
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: fmt.Sprintf("%s.%s CA", n.Service, n.Namespace)},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(caLife),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	return issue(template, nil, nil)
}

// good reports whether the certificate can stay.
func (l leaf) good(ca *x509.Certificate, now time.Time) bool {
	cert, _, err := parse(*l.pair)
	if err != nil || cert.Subject.CommonName != l.cn || now.Add(tooOld).After(cert.NotAfter) {
		return false
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	for _, usage := range l.usages() {
		opts := x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}}
		if _, err := cert.Verify(opts); err != nil {
			return false
		}
	}
	hasIP := func(ip net.IP) bool { return slices.ContainsFunc(cert.IPAddresses, ip.Equal) }
	return !slices.ContainsFunc(l.dns, func(name string) bool { return !slices.Contains(cert.DNSNames, name) }) &&
		!slices.ContainsFunc(l.ips, func(ip net.IP) bool { return !hasIP(ip) })
}

func (l leaf) usages() (usages []x509.ExtKeyUsage) {
	if l.server {
		usages = append(usages, x509.ExtKeyUsageServerAuth)
	}
	if l.client {
		usages = append(usages, x509.ExtKeyUsageClientAuth)
	}
	return usages
}

func (l leaf) sign(ca *x509.Certificate, key crypto.Signer, now time.Time) (Pair, error) {
	end := now.Add(life)
	if end.After(ca.NotAfter) {
		end = ca.NotAfter
	}
	return issue(&x509.Certificate{
		Subject:   pkix.Name{CommonName: l.cn},
		NotBefore: now.Add(-clockSkew), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: l.usages(),
		DNSNames: l.dns, IPAddresses: l.ips,
		BasicConstraintsValid: true,
	}, ca, key)
}

// issue makes a certificate with a key of its own, signed by the CA; by itself
// where there is none.
func issue(template, ca *x509.Certificate, caKey crypto.Signer) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	if ca == nil {
		ca, caKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, key.Public(), caKey)
	if err != nil {
		return Pair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, nil
}

func parse(p Pair) (*x509.Certificate, crypto.Signer, error) {
	block, _ := pem.Decode(p.Cert)
	if block == nil {
		return nil, nil, errors.New("it holds no certificate in PEM form")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	if block, _ = pem.Decode(p.Key); block == nil {
		return nil, nil, errors.New("it holds no private key in PEM form")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	key, ok := private.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, nil, errors.New("the private key is not the certificate's")
	}
	return cert, key, nil
}
