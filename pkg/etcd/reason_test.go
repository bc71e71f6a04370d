package etcd_test

import (
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

func TestReasonIsTheCauseInItsOwnWords(t *testing.T) {
	t.Parallel()
	dialing := func(cause string) error {
		return status.Errorf(codes.Unavailable, "connection error: desc = %q", "transport: Error while dialing: "+cause)
	}
	for want, err := range map[string]error{
		"":                              nil,
		"connection refused":            dialing("dial tcp 10.0.0.1:2379: connect: connection refused"),
		`you may not get "x" in "etcd"`: dialing(`you may not get "x" in "etcd"`),
		"no such host":                  fmt.Errorf("rpc error: code = Unavailable desc = %w", errors.New("no such host")),
		"no answer in time":             status.Error(codes.DeadlineExceeded, "context deadline exceeded"),
		"what answers is not etcd":      status.Error(codes.Unimplemented, "unknown service"),
	} {
		if got := etcd.Reason(err); got != want {
			t.Errorf("%v is told as %q, want %q", err, got, want)
		}
	}
}
