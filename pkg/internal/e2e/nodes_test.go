//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// nodeNames are the cluster's, sorted.
func nodeNames(t *testing.T) []string {
	t.Helper()
	r := kubectl(t, "get", "nodes", "-o", "jsonpath={.items[*].metadata.name}").ok(t)
	return strings.Fields(r.stdout)
}

// toNode does something to a node, which is named by its number.
func toNode(t *testing.T, what string, number string) {
	t.Helper()
	if nodes == "" {
		t.Skip("E2E_NODES names no command that ends nodes")
	}
	run(t, nodes, what, number).ok(t)
}
