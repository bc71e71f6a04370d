package etcd_test

import (
	"context"
	"errors"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

func TestOnlyAPlainRefusalSaysThatAWriteDidNotHappen(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		context.DeadlineExceeded, context.Canceled,
		status.Error(codes.Unavailable, "error reading from server: EOF"),
		status.Error(codes.Unavailable, "transport is closing"),
		status.Error(codes.Internal, "server closed the stream without sending trailers"),
		status.Error(codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR"),
		status.Error(codes.Unknown, "etcdserver: something new"),
		errors.New("something else"),
		rpctypes.ErrTimeout, rpctypes.ErrTimeoutDueToLeaderFail, rpctypes.ErrLeaderChanged, rpctypes.ErrNoSpace,
	} {
		if !etcd.OutcomeUnknown(err) {
			t.Errorf("%v is taken for a refusal", err)
		}
	}
	for _, err := range []error{
		nil,
		status.Error(codes.Unavailable, "connection error: desc = \"transport: Error while dialing: connection refused\""),
		rpctypes.ErrCompacted, rpctypes.ErrLeaseNotFound, rpctypes.ErrPermissionDenied, rpctypes.ErrTooManyRequests, rpctypes.ErrTooManyOps,
	} {
		if etcd.OutcomeUnknown(err) {
			t.Errorf("%v is taken for an outcome that is not known", err)
		}
	}
}
