package etcd

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The services of etcd's SRV records, by the scheme that each stands for
// (https://etcd.io/docs/v3.7/op-guide/clustering/#dns-discovery).
var discovered = []struct{ service, scheme string }{
	{"etcd-client-ssl", "https"},
	{"etcd-client", "http"},
}

const (
	lookupTimeout = 2 * time.Second
	lookupPause   = 500 * time.Millisecond
)

// Discover finds the members' endpoints by the SRV records under a domain, as
// etcdctl's --discovery-srv does. While there are none it looks again until ctx
// ends: a pod may start before its names do.
func Discover(ctx context.Context, domain string) ([]string, error) {
	for {
		endpoints, err := lookUp(ctx, domain)
		if err == nil {
			return endpoints, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("discover members by the SRV records of %q: %w", domain, err)
		case <-time.After(lookupPause):
		}
	}
}

func lookUp(ctx context.Context, domain string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	var (
		endpoints []string
		failed    error
	)
	for _, d := range discovered {
		_, records, err := net.DefaultResolver.LookupSRV(ctx, d.service, "tcp", domain)
		failed = cmp.Or(failed, err)
		for _, r := range records {
			u := url.URL{Scheme: d.scheme, Host: net.JoinHostPort(strings.TrimSuffix(r.Target, "."), strconv.Itoa(int(r.Port)))}
			endpoints = append(endpoints, u.String())
		}
	}
	if len(endpoints) == 0 {
		return nil, failed
	}
	slices.Sort(endpoints)
	return slices.Compact(endpoints), nil
}
