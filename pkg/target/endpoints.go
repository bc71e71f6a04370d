package target

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

func byEndpoints(o Options) (*Target, error) {
	if err := checkCA(o.CACert); err != nil {
		return nil, err
	}
	tls, err := etcd.LoadTLS(o.CACert, o.Cert, o.Key)
	switch {
	case err != nil && o.Cert != "" && o.Key != "":
		return nil, &InvalidError{fmt.Sprintf("--cert %q and --key %q: %v", o.Cert, o.Key, err)}
	case err != nil:
		return nil, &InvalidError{err.Error()}
	}
	scheme := "http"
	if tls != nil {
		scheme = "https"
	}
	t := &Target{Name: "endpoints " + strings.Join(o.Endpoints, ","), Advertised: true}
	t.Etcd.TLS = tls
	for _, ep := range o.Endpoints {
		u, ok := parseEndpoint(ep, scheme)
		if !ok {
			return nil, &InvalidError{fmt.Sprintf("--endpoints: %q is not of the form http://HOST:PORT", ep)}
		}
		if u.Scheme == "http" && tls != nil {
			return nil, &InvalidError{fmt.Sprintf("--endpoints: %q is plain http, and certificates are given: write https", ep)}
		}
		t.Etcd.Endpoints = append(t.Etcd.Endpoints, u.String())
	}
	return t, nil
}

// syncInterval is how long a client may know some of the members only: long enough
// that ten thousand of them cost next to nothing.
const syncInterval = time.Minute

// byDiscovery finds the endpoints in DNS.
func byDiscovery(ctx context.Context, o Options) (*Target, error) {
	found, err := etcd.Discover(ctx, o.Discovery)
	if err != nil {
		return nil, err
	}
	o.Endpoints = found
	t, err := byEndpoints(o)
	if err != nil {
		return nil, err
	}
	// Members that had no name yet, or are added later, are in the member list.
	t.Name, t.Etcd.SyncInterval = "members of "+o.Discovery, syncInterval
	return t, nil
}

// parseEndpoint reads SCHEME://HOST:PORT, or HOST:PORT as etcdctl takes it.
func parseEndpoint(endpoint, scheme string) (*url.URL, bool) {
	if !strings.Contains(endpoint, "://") {
		endpoint = scheme + "://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	bare := url.URL{Scheme: u.Scheme, Host: u.Host}
	return u, err == nil && port > 0 && u.Hostname() != "" && *u == bare
}

// checkCA refuses a file without a certificate: etcd's own reader takes it for a
// CA that has signed nothing, and every connection would fail later.
func checkCA(file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return &InvalidError{fmt.Sprintf("--cacert: %v", err)}
	}
	if !x509.NewCertPool().AppendCertsFromPEM(data) {
		return &InvalidError{fmt.Sprintf("--cacert: %q holds no certificate in PEM form", file)}
	}
	return nil
}
