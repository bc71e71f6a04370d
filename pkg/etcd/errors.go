package etcd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Class says what kind of failure an error of a call is.
type Class int

// The classes of failure.
const (
	ClassNone        Class = iota
	ClassInterrupted       // the caller gave up
	ClassUnreachable       // no connection, or no answer in time
	ClassNoQuorum          // a member answers, but the cluster cannot decide
	ClassOverloaded        // too many requests, or no space left
	ClassDenied            // the user may not do that
	ClassRefused           // the server understood and said no: compacted, lease not found, invalid
)

// classes lists the server's own errors whose gRPC code says too little.
var classes = map[Class][]error{
	ClassNoQuorum: {
		rpctypes.ErrNoLeader, rpctypes.ErrNotLeader, rpctypes.ErrLeaderChanged, rpctypes.ErrTimeout,
		rpctypes.ErrTimeoutDueToLeaderFail, rpctypes.ErrTimeoutDueToConnectionLost, rpctypes.ErrTimeoutWaitAppliedIndex,
	},
	ClassOverloaded: {rpctypes.ErrTooManyRequests, rpctypes.ErrNoSpace},
	ClassDenied:     {rpctypes.ErrPermissionDenied},
}

// Classify tells the class of an error of a call.
func Classify(err error) Class {
	switch {
	case err == nil:
		return ClassNone
	case errors.Is(err, context.Canceled):
		return ClassInterrupted
	case errors.Is(err, context.DeadlineExceeded):
		return ClassUnreachable
	}
	for class, known := range classes {
		for _, e := range known {
			if errors.Is(rpctypes.Error(err), e) {
				return class
			}
		}
	}
	switch code(err) {
	case codes.Canceled:
		return ClassInterrupted
	case codes.Unavailable, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal:
		// The last two: what answers is no etcd; the stream broke in the middle of an
		// answer.
		return ClassUnreachable
	case codes.PermissionDenied, codes.Unauthenticated:
		return ClassDenied
	}
	return ClassRefused
}

// OutcomeUnknown reports whether a write that ended with err may have happened
// all the same: only a plain refusal of the server, or a connection that was
// never made, says that it did not.
func OutcomeUnknown(err error) bool {
	if err == nil || neverSent(err) {
		return false
	}
	switch Classify(err) {
	case ClassInterrupted, ClassUnreachable, ClassNoQuorum:
		return true
	}
	// etcd may answer "no space" although the write was applied
	// (https://etcd.io/docs/v3.7/op-guide/maintenance/#space-quota); and an error
	// that it has no code for may come from any place.
	return errors.Is(rpctypes.Error(err), rpctypes.ErrNoSpace) || code(err) == codes.Unknown
}

func neverSent(err error) bool {
	return code(err) == codes.Unavailable && strings.Contains(err.Error(), "Error while dialing")
}

// code finds the gRPC code of an error as clientv3 returns it: as a status, or
// as one of rpctypes' own.
func code(err error) codes.Code {
	if e, ok := errors.AsType[rpctypes.EtcdError](err); ok {
		return e.Code()
	}
	if s, ok := status.FromError(err); ok {
		return s.Code()
	}
	return codes.Unknown
}

// outOfTime reports whether a call's own time was over before it was answered.
func outOfTime(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || code(err) == codes.DeadlineExceeded
}

// Reason is the cause of a failed call in a few words, fit for a table's row.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	if outOfTime(err) {
		return "no answer in time"
	}
	text := err.Error()
	if s, ok := status.FromError(err); ok {
		text = s.Message()
	}
	const description = "desc = " // as gRPC tells of a connection
	if i := strings.LastIndex(text, description); i >= 0 {
		quoted := text[i+len(description):]
		if plain, err := strconv.Unquote(quoted); err == nil {
			text = plain
		} else {
			text = strings.Trim(quoted, `"`)
		}
	}
	for _, noise := range []string{"transport: Error while dialing: ", "error reading from server: ", "authentication handshake failed: "} {
		if i := strings.LastIndex(text, noise); i >= 0 {
			text = text[i+len(noise):]
		}
	}
	if i := strings.LastIndex(text, "connect: "); i >= 0 {
		text = text[i+len("connect: "):]
	}
	switch {
	case code(err) == codes.Unimplemented:
		return "what answers is not etcd"
	case strings.Contains(text, "server preface") && strings.Contains(text, "HTTP/1"):
		return "what answers is not gRPC"
	case strings.Contains(text, "server preface"), strings.Contains(text, "use of closed network connection"):
		return "connection closed"
	}
	return strings.TrimPrefix(text, "etcdserver: ")
}

// UnreachableError tells that no member could serve a call, and why each could not.
type UnreachableError struct {
	Failures []EndpointError
	// undecided tells that a member answers, for itself alone.
	undecided bool
}

// EndpointError is the failure of a call to one member.
type EndpointError struct {
	Endpoint string
	Err      error
}

func (e *UnreachableError) Error() string {
	reasons := make([]string, len(e.Failures))
	for i, f := range e.Failures {
		reasons[i] = fmt.Sprintf("%s: %s", f.Endpoint, Reason(f.Err))
	}
	if e.NoQuorum() {
		return "the members have no quorum (" + strings.Join(reasons, "; ") + ")"
	}
	return "no member answers (" + strings.Join(reasons, "; ") + ")"
}

// Unwrap lets errors.Is see the members' own errors.
func (e *UnreachableError) Unwrap() []error {
	errs := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		errs[i] = f.Err
	}
	return errs
}

// NoQuorum reports whether some member answered that the cluster cannot decide.
func (e *UnreachableError) NoQuorum() bool {
	if e.undecided {
		return true
	}
	for _, f := range e.Failures {
		if Classify(f.Err) == ClassNoQuorum {
			return true
		}
	}
	return false
}
