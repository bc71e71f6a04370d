package etcd_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// That members are found is told by the tests on Kubernetes, whose DNS has the
// records.
func TestDomainWithoutMembersIsNamedWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	found, err := etcd.Discover(ctx, "nowhere.invalid")
	if err == nil || len(found) > 0 || !strings.Contains(err.Error(), `"nowhere.invalid"`) {
		t.Errorf("found %q, %v", found, err)
	}
	if errors.Is(err, context.Canceled) {
		t.Errorf("time was up, and it says %v", err)
	}
}
