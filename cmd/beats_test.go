package cmd_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// raftleader: $LEADER is the member that leads raft.
func raftleader(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Exec(program, "leader"))
	leads := regexp.MustCompile(`(?m)^(\S+) leads raft`).FindStringSubmatch(ts.ReadFile("stdout"))
	if leads == nil {
		ts.Fatalf("no member leads raft")
	}
	ts.Setenv("LEADER", leads[1])
}

// beats DURATION AT-LEAST HOST: so many heartbeats of a host are put meanwhile, and none is
// gone.
func beats(ts *testscript.TestScript, _ bool, args []string) {
	length, err := time.ParseDuration(args[0])
	ts.Check(err)
	least, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(ts.Exec(program, "local", "status", "-o", "json"))
	urls, err := memberURLs([]byte(ts.ReadFile("stdout")))
	ts.Check(err)
	pool, err := etcd.NewPool(etcd.Config{Endpoints: strings.Split(urls, ",")})
	ts.Check(err)
	defer pool.Close()
	before, err := puts(pool, keys.Heartbeat(args[2]))
	ts.Check(err)
	time.Sleep(length)
	after, err := puts(pool, keys.Heartbeat(args[2]))
	ts.Check(err)
	ts.Logf("%d heartbeats in %v", after-before, length)
	if after-before < least {
		ts.Fatalf("%d heartbeats in %v, want %d at least", after-before, length, least)
	}
}

// puts is how often a key has been put since it was made.
func puts(pool *etcd.Pool, key string) (int64, error) {
	resp, err := etcd.Read(context.Background(), pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, key, clientv3.WithSerializable())
	})
	if err != nil {
		return 0, err
	}
	if len(resp.Kvs) == 0 {
		return 0, fmt.Errorf("no key %s", key)
	}
	return resp.Kvs[0].Version, nil
}
