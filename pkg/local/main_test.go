//go:build !node && (linux || darwin)

package local

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
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
)

// The test binary is the program of the test's clusters: it is the member, an
// agent that only keeps a heartbeat, and commands that get killed.
func TestMain(m *testing.M) {
	roles := map[string]func(context.Context, []string) error{
		memberCommand: memberMain,
		agentCommand:  agentMain,
		dieCommand:    dieMain,
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
	if *endpoints == "" {
		<-ctx.Done()
		return nil
	}
	client, err := etcd.New(etcd.Config{Endpoints: strings.Split(*endpoints, ",")})
	if err != nil {
		return err
	}
	defer client.Close()
	lease, err := client.Grant(ctx, agentTTL)
	if err != nil {
		return err
	}
	alive, err := client.KeepAlive(ctx, lease.ID)
	if err != nil {
		return err
	}
	value, err := json.Marshal(map[string]any{"status": "alive", "ts": float64(time.Now().Unix()), "boot": lease.ID})
	if err != nil {
		return err
	}
	if _, err := client.Put(ctx, keys.Heartbeat(*host), string(value), clientv3.WithLease(lease.ID)); err != nil {
		return err
	}
	for range alive {
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err = client.Revoke(ctx, lease.ID)
	return err
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
	st, err := newState(0, 2)
	if err != nil {
		return err
	}
	return c.launch(st, st.Processes, func() error {
		for _, r := range st.Processes {
			fmt.Println(r.Run.PID, r.Run.Start)
		}
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	})
}
