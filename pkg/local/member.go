//go:build !node && (linux || darwin)

package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/pkg/v3/featuregate"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/features"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
)

// compactionRetention is how much history a member keeps. Without compaction a
// fleet's heartbeats fill etcd's quota within hours.
const compactionRetention = "1m"

// maxTxnOps lets a push of 500 configs be one txn: two compares and three writes
// each. The default is 128.
const maxTxnOps = 2048

// clientGrace is how long a member that closes lets its clients finish.
const clientGrace = 500 * time.Millisecond

// RunMember runs one etcd member in this process until ctx ends, and then closes
// it in good order: leadership is handed over first. It starts a new member and
// one with data alike. The error is nil if ctx was what ended it.
func RunMember(ctx context.Context, o MemberOptions) error {
	cfg, err := o.config()
	if err != nil {
		return fmt.Errorf("configure etcd member %q: %w", o.Name, err)
	}
	rpc := make(chan *grpc.Server, 1) // one client URL without TLS makes one server
	cfg.ServiceRegister = func(s *grpc.Server) { rpc <- s }
	e, err := embed.StartEtcd(cfg)
	if err != nil {
		return fmt.Errorf("start etcd member %q: %w", o.Name, err)
	}
	defer closeMember(e, rpc)
	select {
	case <-ctx.Done():
		return nil
	case err := <-e.Err():
		return fmt.Errorf("run etcd member %q: %w", o.Name, err)
	case <-e.Server.StopNotify():
		return fmt.Errorf("run etcd member %q: %w", o.Name, errors.New("the server stopped by itself"))
	}
}

// closeMember closes a member, and cuts its clients off where they do not go: an
// open watch or lease stream alone would hold etcd up for its whole request
// timeout of 7 s (embed.Etcd.Close).
func closeMember(e *embed.Etcd, rpc <-chan *grpc.Server) {
	cut := time.AfterFunc(clientGrace, func() {
		select {
		case s := <-rpc:
			s.Stop()
		default: // it never came to serve clients
		}
	})
	defer cut.Stop()
	e.Close()
}

func (o MemberOptions) config() (*embed.Config, error) {
	client, err := url.Parse(o.ClientURL)
	if err != nil {
		return nil, fmt.Errorf("client URL: %w", err)
	}
	peer, err := url.Parse(o.PeerURL)
	if err != nil {
		return nil, fmt.Errorf("peer URL: %w", err)
	}
	level, err := zapcore.ParseLevel(o.LogLevel)
	if err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}

	cfg := embed.NewConfig()
	cfg.Name = o.Name
	cfg.Dir = o.DataDir
	cfg.ListenClientUrls = []url.URL{*client}
	cfg.AdvertiseClientUrls = []url.URL{*client}
	cfg.ListenPeerUrls = []url.URL{*peer}
	cfg.AdvertisePeerUrls = []url.URL{*peer}
	cfg.InitialCluster = o.InitialCluster
	cfg.InitialClusterToken = o.InitialClusterToken
	// Right on a restart too: a member that has data goes by that.
	cfg.ClusterState = embed.ClusterStateFlagNew
	cfg.TickMs = uint(o.HeartbeatInterval / time.Millisecond)
	cfg.ElectionMs = uint(o.ElectionTimeout / time.Millisecond)
	cfg.AutoCompactionMode = embed.CompactorModePeriodic
	cfg.AutoCompactionRetention = compactionRetention
	cfg.MaxTxnOps = maxTxnOps
	// Its CORS default would let any web page write to a member on loopback.
	cfg.EnableGRPCGateway = false
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.New(zapcore.NewCore(
		zapcore.NewConsoleEncoder(logEncoding()), zapcore.Lock(zapcore.AddSync(o.Log)), level)))
	return cfg, setFeatures(cfg)
}

// setFeatures has a member look for corruption, and tell its clients to go
// elsewhere while it defragments.
func setFeatures(cfg *embed.Config) error {
	gate, ok := cfg.ServerFeatureGate.(featuregate.MutableFeatureGate)
	if !ok {
		return errors.New("etcd's feature gates cannot be set")
	}
	return gate.SetFromMap(map[string]bool{
		string(features.InitialCorruptCheck):     true,
		string(features.CompactHashCheck):        true,
		string(features.StopGRPCServiceOnDefrag): true,
	})
}

func logEncoding() zapcore.EncoderConfig {
	enc := zap.NewProductionEncoderConfig()
	enc.EncodeTime = zapcore.RFC3339TimeEncoder
	enc.EncodeLevel = zapcore.CapitalLevelEncoder
	enc.ConsoleSeparator = " "
	return enc
}
