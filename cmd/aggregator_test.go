package cmd

import (
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// What the others are told is an address that they can reach.
func TestAdvertisedAddress(t *testing.T) {
	t.Setenv("POD_NAME", "monitor-aggregator-7c9f")
	t.Setenv("POD_IP", "10.1.2.3")
	for _, tt := range []struct{ listen, advertise, want string }{
		{"127.0.0.1:8080", "", ""}, // the listener's own
		{":8080", "", "10.1.2.3:8080"},
		{"0.0.0.0:8080", "", "10.1.2.3:8080"},
		{"[::]:8080", "", "10.1.2.3:8080"},
		{":0", "", ""},
		{":8080", "host.example:80", "host.example:80"},
	} {
		o := aggregatorOptions{listen: tt.listen, advertise: tt.advertise, leaderTTL: model.DefaultLeaderTTL}
		cfg, err := o.config()
		if err != nil || cfg.Advertise != tt.want || cfg.Name != "monitor-aggregator-7c9f" {
			t.Errorf("%+v: %q as %q, %v", tt, cfg.Advertise, cfg.Name, err)
		}
	}
}
