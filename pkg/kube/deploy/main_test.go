package deploy

import (
	"os"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }
