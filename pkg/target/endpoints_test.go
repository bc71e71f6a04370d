package target_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

// wantInvalid checks that the options are refused, for a reason that says want.
func wantInvalid(t *testing.T, o target.Options, want string) {
	t.Helper()
	_, err := target.Resolve(t.Context(), o)
	var invalid *target.InvalidError
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
		t.Errorf("%+v: %v, want an InvalidError that says %q", o, err, want)
	}
}

func TestEndpointsAreTakenAsEtcdctlTakesThem(t *testing.T) {
	t.Parallel()
	ca, _ := certificate(t)
	for given, want := range map[string]struct{ plain, secure string }{
		"127.0.0.1:2379":         {"http://127.0.0.1:2379", "https://127.0.0.1:2379"},
		"etcd.example:1":         {"http://etcd.example:1", "https://etcd.example:1"},
		"[::1]:65535":            {"http://[::1]:65535", "https://[::1]:65535"},
		"https://e.example:2379": {"https://e.example:2379", "https://e.example:2379"},
		"HTTPS://e.example:2379": {"https://e.example:2379", "https://e.example:2379"},
		"http://e.example:2379":  {"http://e.example:2379", ""},
	} {
		o := target.Options{Endpoints: []string{"other:1", given}}
		got, err := target.Resolve(t.Context(), o)
		if err != nil || got.Etcd.TLS != nil || !got.Advertised {
			t.Errorf("%s: %+v, %v", given, got, err)
		} else if diff := cmp.Diff([]string{"http://other:1", want.plain}, got.Etcd.Endpoints); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}

		o.CACert = ca
		if want.secure == "" {
			wantInvalid(t, o, "is plain http, and certificates are given")
			continue
		}
		got, err = target.Resolve(t.Context(), o)
		if err != nil || got.Etcd.TLS == nil || got.Etcd.TLS.RootCAs == nil {
			t.Errorf("%s with a CA: %+v, %v", given, got, err)
		} else if diff := cmp.Diff([]string{"https://other:1", want.secure}, got.Etcd.Endpoints); diff != "" {
			t.Errorf("%s with a CA (-want +got):\n%s", given, diff)
		}
	}
}

func TestMalformedEndpointsAreRefused(t *testing.T) {
	t.Parallel()
	for _, ep := range []string{
		"", " ", ":", "host", "host:", ":2379", "http://", "http://host", "http://:2379", "http://host:port", "host:port",
		"host:0", "host:65536", "host:-1", "host:2379/", "http://host:2379/path", "http://host:2379?q", "http://host:2379#f",
		"http://user:secret@host:2379", "ftp://host:2379", "unix:///run/etcd.sock", "://host:2379", "host:2379,other:2379",
		"::1:2379", "[::1:2379", "host :2379", "host:2379\n", "\x1b[31mhost:2379", "http://http://host:2379",
	} {
		wantInvalid(t, target.Options{Endpoints: []string{"good:2379", ep}}, "is not of the form http://HOST:PORT")
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	t.Parallel()
	endpoints := []string{"e:1"}
	for _, tc := range []struct {
		options target.Options
		want    string
	}{
		{target.Options{Local: true, Endpoints: endpoints}, "--local and --endpoints name two targets"},
		{target.Options{Local: true, Discovery: "d"}, "name different targets"},
		{target.Options{Endpoints: endpoints, Discovery: "d"}, "name different targets"},
		{target.Options{Endpoints: endpoints, InKubernetes: true}, "name different targets"},
		{target.Options{Local: true, InKubernetes: true}, "name different targets"},
		{target.Options{Discovery: "d", InKubernetes: true}, "name different targets"},
		{target.Options{Local: true, CACert: "f"}, "go with --endpoints"},
		{target.Options{Cert: "f", Key: "f"}, "go with --endpoints"},
		{target.Options{Key: "f"}, "go with --endpoints"},
		{target.Options{Endpoints: endpoints, Cert: "f"}, "--cert and --key go together"},
		{target.Options{Endpoints: endpoints, Key: "f"}, "--cert and --key go together"},
	} {
		tc.options.StateDir = t.TempDir()
		wantInvalid(t, tc.options, tc.want)
	}
}

func TestCertificatesThatCannotBeUsedAreNamed(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	_, otherKey := certificate(t)
	dir := t.TempDir()
	junk, empty := filepath.Join(dir, "junk.pem"), filepath.Join(dir, "empty.pem")
	for path, content := range map[string]string{junk: "no certificate", empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	missing := filepath.Join(dir, "missing.pem")
	endpoints := []string{"e:1"}
	for _, bad := range []string{missing, junk, empty, key, dir} {
		wantInvalid(t, target.Options{Endpoints: endpoints, CACert: bad}, bad)
	}
	for _, bad := range []string{missing, junk, empty, dir} {
		wantInvalid(t, target.Options{Endpoints: endpoints, Cert: bad, Key: key}, bad)
		wantInvalid(t, target.Options{Endpoints: endpoints, Cert: cert, Key: bad}, bad)
	}
	wantInvalid(t, target.Options{Endpoints: endpoints, Cert: cert, Key: otherKey}, otherKey)

	got, err := target.Resolve(t.Context(), target.Options{Endpoints: endpoints, CACert: cert, Cert: cert, Key: key})
	if err != nil || got.Etcd.TLS == nil {
		t.Errorf("good certificates: %+v, %v", got, err)
	}
}

// certificate writes a self-signed certificate and its key to files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: certDER}, key: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
