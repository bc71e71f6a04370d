package sensor

import "testing"

func TestOnlyRealInterfacesCount(t *testing.T) {
	for _, name := range []string{
		"eth0", "eth1", "ens5", "enp3s0f1np1", "eno1", "enx001122334455", "em1", "p2p1", "ib0", "wlan0", "wlp2s0", "wwan0",
		"usb0", "venet0", "en0", "Ethernet", "Ethernet 2", "Wi-Fi", "Local Area Connection",
	} {
		if isVirtual(name) {
			t.Errorf("%q is left out, want it counted", name)
		}
	}
	for _, name := range []string{
		"lo", "lo0", "Loopback Pseudo-Interface 1", "veth1a2b", "vethwe-bridge", "vEthernet (WSL)", "docker0", "docker_gwbridge",
		"br-4f2a", "br0", "bridge0", "cni0", "cni-podman0", "cali12ab", "flannel.1", "flannel-v6.1", "virbr0", "vnet3", "tap0",
		"tun0", "tunl0", "kube-ipvs0", "kube-bridge", "dummy0", "ifb1", "nodelocaldns", "lxc_health", "lxcbr0", "lxdbr0", "cilium_host",
		"cilium_vxlan", "vxlan.calico", "eth0.100", "bond0", "bond0.7", "team0", "wg0", "eni0a1b2c", "gke52f9", "azv12", "sit0",
		"gretap0", "ip6tnl0", "ovs-system", "antrea-gw0", "fwbr100i0", "vmbr0",
	} {
		if !isVirtual(name) {
			t.Errorf("%q is counted, want it left out", name)
		}
	}
}
