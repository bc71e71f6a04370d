package etcd

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

// DefaultCallTimeout bounds every call whose context has no deadline.
const DefaultCallTimeout = 5 * time.Second

const (
	// The server answers pings at most every 5 s with GOAWAY, and grpc-go raises
	// anything below 10 s to it (server/embed/config.go, grpc-go dialoptions.go).
	keepAliveTime    = 10 * time.Second
	keepAliveTimeout = 3 * time.Second

	// gRPC's own default backs off to 120 s: far too long for a member that is
	// back after some minutes.
	maxReconnectDelay = time.Second
	connectTimeout    = 2 * time.Second
)

// Config says how to reach a cluster.
type Config struct {
	Endpoints []string
	TLS       *tls.Config
	// Dial replaces the network's dialer, for instance by a port-forward.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// SyncInterval is how often FollowMembers looks; 0 where what members advertise
	// means nothing to the caller.
	SyncInterval time.Duration
	// CallTimeout bounds calls whose context has no deadline; 0 means
	// DefaultCallTimeout.
	CallTimeout time.Duration
	// FailFast makes a call fail as soon as its member refuses the connection,
	// instead of waiting for it until the deadline.
	FailFast bool
	// Trace, if set, is told of every call, from any goroutine.
	Trace func(Call)
	// Heard, if set, is told the method of every message that a stream brings, as
	// LeaseKeepAlive, from any goroutine.
	Heard func(method string)
}

// Client is an etcd client whose calls all have a deadline.
type Client struct {
	*clientv3.Client

	syncInterval time.Duration
	callTimeout  time.Duration // of calls that clientv3 does not make
	leader       leader
	busyLeader   busyLeader
	unanswered   unanswered
}

// New makes a client. It does not connect: the first call does.
func New(cfg Config) (*Client, error) {
	c := clientv3.Config{
		Endpoints:            cfg.Endpoints,
		TLS:                  cfg.TLS,
		DialTimeout:          connectTimeout,
		DialKeepAliveTime:    keepAliveTime,
		DialKeepAliveTimeout: keepAliveTimeout,
		// The client's own log repeats every retried call, which floods a
		// terminal just when the cluster is in trouble.
		Logger: zap.NewNop(),
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: maxReconnectDelay},
			MinConnectTimeout: connectTimeout,
		})},
	}
	client := &Client{syncInterval: cfg.SyncInterval, callTimeout: cfg.CallTimeout}
	if client.callTimeout == 0 {
		client.callTimeout = DefaultCallTimeout
	}
	c.DialOptions = append(c.DialOptions, aimedCalls()...)
	c.DialOptions = append(c.DialOptions, grpc.WithChainUnaryInterceptor(client.passBy))
	if cfg.Dial != nil {
		c.DialOptions = append(c.DialOptions, grpc.WithContextDialer(cfg.Dial))
	}
	if cfg.Trace != nil {
		c.DialOptions = append(c.DialOptions, traceCalls(cfg.Trace)...)
	}
	if cfg.Heard != nil {
		c.DialOptions = append(c.DialOptions, grpc.WithChainStreamInterceptor(hearStreams(cfg.Heard)))
	}
	if cfg.FailFast {
		c.MaxUnaryRetries = 1
		c.DialOptions = append(c.DialOptions, grpc.WithChainUnaryInterceptor(failFast))
	}
	cli, err := clientv3.New(c)
	if err != nil {
		return nil, fmt.Errorf("make client of %s: %w", strings.Join(cfg.Endpoints, ","), err)
	}
	bound(cli, client.callTimeout)
	client.Client = cli
	return client, nil
}

func failFast(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(ctx, method, req, reply, cc, append(opts, grpc.WaitForReady(false))...)
}

// Close ends the client's connections. An error of its own making, such as
// "context canceled", is not reported: there is nothing left to do about it.
func (c *Client) Close() { _ = c.Client.Close() }

// FollowMembers makes the endpoints those that the member list advertises, now and
// then, until ctx ends; at once where the configuration asks for none of it. It
// stands in for clientv3's own, which begins before the client is complete.
func (c *Client) FollowMembers(ctx context.Context) {
	if c.syncInterval == 0 {
		return
	}
	tick := time.NewTicker(c.syncInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = c.Sync(ctx) // the next one will do
		}
	}
}

// Within is the same client with a context of its own, for those packages of etcd
// that make calls on their client's context. It is not to be closed: what it works
// with is c's.
func (c *Client) Within(ctx context.Context) *clientv3.Client {
	within := clientv3.NewCtxClient(ctx)
	within.KV, within.Watcher, within.Lease = c.KV, c.Watcher, c.Lease
	return within
}

// LoadTLS reads certificates as etcdctl's --cacert, --cert and --key name them.
// With no file named it returns nil: plain text, or the system's roots where the
// endpoint says https.
func LoadTLS(cacert, cert, key string) (*tls.Config, error) {
	if cacert == "" && cert == "" && key == "" {
		return nil, nil
	}
	if (cert == "") != (key == "") {
		return nil, fmt.Errorf("--cert and --key go together")
	}
	info := transport.TLSInfo{TrustedCAFile: cacert, CertFile: cert, KeyFile: key, Logger: zap.NewNop()}
	cfg, err := info.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("load certificates: %w", err)
	}
	return cfg, nil
}
