package cmd

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/aggregator"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

type aggregatorOptions struct {
	name, listen, advertise string
	leaderTTL               time.Duration
	log                     logFlags
}

func (a *app) newAggregator() *cobra.Command {
	o := aggregatorOptions{listen: "127.0.0.1:8080", leaderTTL: model.DefaultLeaderTTL, log: newLogFlags()}
	c := &cobra.Command{
		Use:   "aggregator",
		Short: "Keep the global view, and serve it over HTTP",
		Long: `Follow every node and serve what is seen over HTTP, until it is told to stop:
/metrics for Prometheus, /api/v1/status, nodes, members and events as JSON,
/healthz and /readyz.

Of several aggregators one leads, and alone writes down the roster and the events;
the others stand by. A leader that stops hands over, one that dies is noticed by
its connection, one that is cut off by its lease.`,
		Example: `  # On every interface, with two more of them elsewhere
  %[1]s aggregator --endpoints http://10.0.0.1:2379 --listen :8080 --advertise 10.0.0.7:8080
  # Patient with a leader that is cut off, with logs for a machine
  %[1]s aggregator --endpoints http://10.0.0.1:2379 --leader-ttl 30s --log-format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := o.config()
			if err != nil {
				return err
			}
			if cfg.Log, err = o.log.logger(a.Err); err != nil {
				return err
			}
			t, err := a.target(c.Context())
			if err != nil {
				return err
			}
			cfg.Etcd = t.Etcd
			err = aggregator.New(cfg).Run(c.Context())
			if c.Context().Err() == nil {
				return err
			}
			return nil // it was told to stop
		},
	}
	f := c.Flags()
	f.StringVar(&o.name, "name", o.name, "name of this aggregator, unique among them (default $POD_NAME, else this host's name)")
	f.StringVar(&o.listen, "listen", o.listen, "HOST:PORT to serve HTTP on")
	f.StringVar(&o.advertise, "advertise", o.advertise, "HOST:PORT at which the other aggregators reach it (default: where it listens, at $POD_IP if that is everywhere)")
	f.DurationVar(&o.leaderTTL, "leader-ttl", o.leaderTTL, "how long the others wait for a leader that is cut off; whole seconds")
	o.log.add(c)
	return a.finish(c)
}

// config reports what is wrong with the flags, and finds out what they leave open.
func (o *aggregatorOptions) config() (aggregator.Config, error) {
	cfg := aggregator.Config{
		Name: o.name, Instance: rand.Text(), Version: version,
		Listen: o.listen, Advertise: o.advertise, LeaderTTL: o.leaderTTL,
	}
	if cfg.Name == "" {
		cfg.Name = os.Getenv("POD_NAME")
	}
	if cfg.Name == "" {
		name, err := os.Hostname()
		if err != nil {
			return cfg, fmt.Errorf("find this host's name, give another by --name: %w", err)
		}
		cfg.Name = strings.ToLower(name)
	}
	if err := model.CheckHost(cfg.Name); err != nil {
		return cfg, usageError("--name: %w", err)
	}
	if err := model.CheckTTL(o.leaderTTL.Seconds()); err != nil {
		return cfg, usageError("--leader-ttl: %w", err)
	}
	host, port, err := splitAddress(o.listen)
	if err != nil {
		return cfg, usageError("--listen: %w", err)
	}
	if o.advertise != "" {
		if host, port, err := splitAddress(o.advertise); err != nil || host == "" || port == 0 {
			return cfg, usageError("--advertise: %q is not of the form HOST:PORT", o.advertise)
		}
		return cfg, nil
	}
	if pod := os.Getenv("POD_IP"); pod != "" && port != 0 && everywhere(host) {
		cfg.Advertise = net.JoinHostPort(pod, strconv.Itoa(port))
	}
	return cfg, nil
}

func splitAddress(address string) (host string, port int, err error) {
	host, digits, err := net.SplitHostPort(address)
	number, bad := strconv.ParseUint(digits, 10, 16)
	if err != nil || bad != nil {
		return "", 0, fmt.Errorf("%q is not of the form HOST:PORT", address)
	}
	return host, int(number), nil
}

// everywhere reports whether to listen on a host is to listen on every interface:
// then it is no address for others.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}
