package sensor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/net"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func netSensor() Sensor {
	return &rate{in: model.MetricNetIn, out: model.MetricNetOut, read: netTraffic}
}

// netTraffic returns what each real interface has received and sent.
func netTraffic(ctx context.Context) (map[string]traffic, error) {
	stats, err := interfaces(ctx)
	if err != nil {
		return nil, fmt.Errorf("read interface counters: %w", err)
	}
	sum := make(map[string]traffic, len(stats))
	for _, s := range stats {
		if !isVirtual(s.Name) {
			sum[s.Name] = traffic{in: s.BytesRecv, out: s.BytesSent}
		}
	}
	if len(sum) == 0 {
		return nil, errors.New("read interface counters: no real interface")
	}
	return sum, nil
}

func interfaces(ctx context.Context) ([]net.IOCountersStat, error) {
	if hostPath(ctx, common.HostProcEnvKey, "") == "" {
		return net.IOCountersWithContext(ctx, true)
	}
	// net/dev links to the reader's own network namespace, that of the
	// container; process 1 is in the host's.
	file := hostPath(ctx, common.HostProcEnvKey, "", "1", "net", "dev")
	return net.IOCountersByFileWithContext(ctx, true, file)
}

// virtual begins the names of interfaces whose traffic stays on the host, or is
// counted again on the real interface that carries it.
var virtual = []string{
	"lo", "Loopback", "dummy", "ifb", "nodelocaldns", "kube-", // nothing behind them
	"veth", "vEthernet", "tap", "tun", "vnet", "macvtap", "lxc", "lxd", "fw", // a container's or a machine's end
	"br", "docker", "virbr", "vmbr", "cni", "podman", "nerdctl", "ovs", "bond", "team", // over other interfaces
	"cali", "flannel", "cilium", "weave", "antrea", "azv", "eni", "gke", // network plugins
	"vxlan", "geneve", "genev_sys", "gre", "erspan", "sit", "ip6", "ip_vti", "wg", "utun", "gif", "stf", // tunnels
}

// isVirtual judges by the name alone, so that eth0 is real also where it is one
// end of a veth pair, as in a machine that is itself a container. A dot is in
// the names of VLANs, which their parent carries.
func isVirtual(name string) bool {
	return strings.Contains(name, ".") ||
		slices.ContainsFunc(virtual, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}
