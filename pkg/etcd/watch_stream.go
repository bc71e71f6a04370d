package etcd

import (
	"context"
	"errors"
	"math"
	"strings"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// watchStream has the watches of some ranges on one stream, which leads to one member
// and ends with it.
//
// clientv3's watcher has a goroutine for each watch and four for the stream, and three of
// them hand each response on: most of an agent's memory, and of a change's way to its
// follower.
type watchStream struct {
	stream pb.Watch_WatchClient
	ranges int
	begun  *pb.WatchResponse // the fragments of a response that is not whole yet
}

// everyRange stands for the number of a range in a response that is about all of them.
const everyRange = -1

// response is what the watch of one range tells, or how the stream ended.
type response struct {
	of int // the range's number, or everyRange
	*pb.WatchResponse
	err error
}

// openWatches asks for a watch of each range, each from a revision on. Whether the
// server has made them is told by responses. ctx bounds the stream's life.
func (c *Client) openWatches(ctx context.Context, ranges []Range, from []int64) (*watchStream, error) {
	stream, err := pb.NewWatchClient(c.ActiveConnection()).Watch(clientv3.WithRequireLeader(ctx), grpc.MaxCallRecvMsgSize(math.MaxInt32))
	if err != nil {
		return nil, rpctypes.Error(err)
	}
	for i, r := range ranges {
		of := clientv3.OpGet(r.Key, r.options()...)
		create := &pb.WatchCreateRequest{
			Key: of.KeyBytes(), RangeEnd: of.RangeBytes(), StartRevision: from[i], Fragment: true,
			WatchId: int64(i) + 1, // 0 asks for any
		}
		if r.DeletesOnly {
			create.Filters = []pb.WatchCreateRequest_FilterType{pb.WatchCreateRequest_NOPUT}
		}
		send(stream, &pb.WatchRequest{RequestUnion: &pb.WatchRequest_CreateRequest{CreateRequest: create}})
	}
	return &watchStream{stream: stream, ranges: len(ranges)}, nil
}

// send asks for something. Why a stream takes nothing more is what receiving tells.
func send(stream pb.Watch_WatchClient, req *pb.WatchRequest) { _ = stream.Send(req) }

// askProgress asks for the revision up to which all changes have been told.
func (s *watchStream) askProgress() {
	send(s.stream, &pb.WatchRequest{RequestUnion: &pb.WatchRequest_ProgressRequest{ProgressRequest: new(pb.WatchProgressRequest)}})
}

// next waits for a response, whole and not cancelled but by a compaction.
func (s *watchStream) next() response {
	for {
		resp, err := s.stream.Recv()
		if err != nil {
			return response{err: rpctypes.Error(err)}
		}
		if resp.Canceled && resp.CompactRevision == 0 {
			return response{err: cancelled(resp.CancelReason)}
		}
		of := int(resp.WatchId) - 1
		if resp.WatchId == clientv3.InvalidWatchID {
			of = everyRange
		} else if of < 0 || of >= s.ranges {
			return response{err: errors.New("the server does not let its clients number their watches: it is older than 3.4")}
		}
		if s.begun != nil {
			resp.Events = append(s.begun.Events, resp.Events...)
			s.begun = nil
		}
		if resp.Fragment {
			s.begun = resp
			continue
		}
		return response{of: of, WatchResponse: resp}
	}
}

// cancelled is why a server cancelled a watch: an error of etcd's, where it names one.
func cancelled(reason string) error {
	if _, desc, ok := strings.Cut(reason, " desc = "); ok {
		reason = desc
	}
	return rpctypes.Error(status.Error(codes.FailedPrecondition, reason))
}
