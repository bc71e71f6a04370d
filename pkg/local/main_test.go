//go:build !node && (linux || darwin)

package local

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The test binary is the program of the test's clusters: it is the member, an
// agent that only keeps a heartbeat, an aggregator that only keeps a place in the
// line of candidates, and commands that get killed.
func TestMain(m *testing.M) {
	roles := map[string]func(context.Context, []string) error{
		memberCommand:     memberMain,
		agentCommand:      agentMain,
		aggregatorCommand: aggregatorMain,
		dieCommand:        dieMain,
	}
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := roles[os.Args[1]](ctx, os.Args[2:])
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func memberMain(ctx context.Context, args []string) error {
	o := NewMemberOptions()
	o.Log = os.Stderr
	fs := flag.NewFlagSet(memberCommand, flag.ContinueOnError)
	fs.StringVar(&o.Name, "name", "", "")
	fs.StringVar(&o.DataDir, "data-dir", "", "")
	fs.StringVar(&o.ClientURL, "client-url", "", "")
	fs.StringVar(&o.PeerURL, "peer-url", "", "")
	fs.StringVar(&o.InitialCluster, "initial-cluster", "", "")
	fs.StringVar(&o.InitialClusterToken, "initial-cluster-token", "", "")
	fs.DurationVar(&o.HeartbeatInterval, "heartbeat-interval", 0, "")
	fs.DurationVar(&o.ElectionTimeout, "election-timeout", 0, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	return RunMember(ctx, o)
}

// agentTTL is that of the agents' leases, in seconds.
const agentTTL = 5

func agentMain(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet(agentCommand, flag.ContinueOnError)
	host := fs.String("host", "", "")
	endpoints := fs.String("endpoints", "", "")
	_ = fs.String("log-format", "", "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "agent of %s\n", *host)
	return keepKey(ctx, *endpoints, agentTTL, func(lease clientv3.LeaseID) (string, any) {
		return keys.Heartbeat(*host), map[string]any{"status": "alive", "ts": float64(time.Now().Unix()), "boot": lease}
	})
}

// keepKey keeps a key with a value in JSON on a lease of ttl seconds until ctx ends.
// Without endpoints it only waits for that.
func keepKey(ctx context.Context, endpoints string, ttl int64, kv func(clientv3.LeaseID) (string, any)) error {
	if endpoints == "" {
		<-ctx.Done()
		return nil
	}
	client, err := etcd.New(etcd.Config{Endpoints: strings.Split(endpoints, ",")})
	if err != nil {
		return err
	}
	defer client.Close()
	lease, err := client.Grant(ctx, ttl)
	if err != nil {
		return err
	}
	alive, err := client.KeepAlive(ctx, lease.ID)
	if err != nil {
		return err
	}
	key, value := kv(lease.ID)
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := client.Put(ctx, key, string(data), clientv3.WithLease(lease.ID)); err != nil {
		return err
	}
	for range alive {
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err = client.Revoke(ctx, lease.ID)
	return err
}

// slow is how long an aggregator takes to stand for election, and again to become
// ready.
const slow = 200 * time.Millisecond

func aggregatorMain(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet(aggregatorCommand, flag.ContinueOnError)
	name := fs.String("name", "", "")
	listen := fs.String("listen", "", "")
	ttl := fs.Duration("leader-ttl", 0, "")
	endpoints := fs.String("endpoints", "", "")
	_ = fs.String("log-format", "", "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, *name)
	begin := time.Now()
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" || time.Since(begin) < 2*slow {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	go func() { _ = server.Serve(l) }()
	time.Sleep(slow)
	return keepKey(ctx, *endpoints, int64(ttl.Seconds()), func(lease clientv3.LeaseID) (string, any) {
		return fmt.Sprintf("%s%x", keys.Candidates(keys.AggregatorElection), lease), model.Aggregator{Name: *name, Instance: "any", Address: *listen}
	})
}

// dieCommand starts agents in the directory that it is given and kills itself
// when they stand at their gates, before they are recorded.
const dieCommand = "die-before-record"

func dieMain(_ context.Context, args []string) error {
	c := Open(args[0])
	if err := c.makeDirs(logDir); err != nil {
		return err
	}
	if err := c.installBinary(); err != nil {
		return err
	}
	st, err := newState(0, DefaultTuning())
	if err != nil {
		return err
	}
	st.addAgents(2)
	return c.launch(st, st.Processes, func() error {
		for _, r := range st.Processes {
			fmt.Println(r.Run.PID, r.Run.Start)
		}
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	})
}
