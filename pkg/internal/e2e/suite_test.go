//go:build e2e

package e2e

import "testing"

// TestKubernetes is a story in order: each part finds what the ones before have
// left. Parts can be chosen: -run 'TestKubernetes/(Deploy|LeaderKill)'.
func TestKubernetes(t *testing.T) {
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Broken", testBroken},
		{"Deploy", testDeploy},
		{"Tools", testTools},
		{"Speed", testSpeed},
		{"Metrics", testMetrics},
		{"Config", testConfig},
		{"Security", testSecurity},
		{"Rights", testRights},
		{"LeaderKill", testLeaderKill},
		{"LeaderKillKinds", testLeaderKillKinds},
		{"NodeCrash", testNodeCrash},
		{"NodeCut", testNodeCut},
		{"Undeploy", testUndeploy},
	} {
		if !t.Run(part.name, part.run) {
			break // the others need what this one leaves
		}
	}
}
