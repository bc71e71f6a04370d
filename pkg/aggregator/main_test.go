package aggregator_test

import (
	"os"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// The test's binary is the replicas' too: processes that can be killed and paused.
func TestMain(m *testing.M) {
	if os.Getenv(replicaEnv) != "" {
		os.Exit(replicaMain())
	}
	os.Exit(testcluster.Main(m, os.Stderr))
}
