package etcd

import (
	"context"
	"sync/atomic"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// leaseStream renews leases over one stream to raft's leader, who alone can: the
// other members ask it by a request of HTTP for each renewal.
//
// Unlike clientv3's it has at most one renewal under way, however late the answer is.
// That one repeats it every 500 ms, and a server that cannot keep up has them all to
// answer.
type leaseStream struct {
	client *Client
	stream pb.Lease_LeaseKeepAliveClient
	went   string // the address of the member that the stream leads to
	cancel context.CancelFunc
	// at has the member that the stream leads to.
	at atomic.Pointer[visited]
}

// member is the member that the stream leads to.
func (s *leaseStream) member() *visited {
	if at := s.at.Load(); at != nil {
		return at.clone()
	}
	return new(visited)
}

// renew renews a lease; the TTL of the answer is 0 if it is no more. After an error the
// next renewal opens another stream.
func (s *leaseStream) renew(ctx context.Context, id clientv3.LeaseID) (resp *pb.LeaseKeepAliveResponse, err error) {
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if at := s.client.findLeader(ctx); s.stream == nil || at != "" && at != s.went {
		s.close()
		if err := s.open(ctx, at); err != nil {
			return nil, err
		}
	}
	if err := s.stream.Send(&pb.LeaseKeepAliveRequest{ID: int64(id)}); err != nil {
		return nil, err
	}
	return s.stream.Recv()
}

func (s *leaseStream) open(ctx context.Context, leader string) error {
	at := new(visited)
	s.at.Store(at)
	ctx, aim := at.aimAt(ctx, leader)
	ctx, s.cancel = context.WithCancel(ctx)
	var err error
	s.stream, err = pb.NewLeaseClient(s.client.ActiveConnection()).LeaseKeepAlive(ctx)
	s.went = aim.address()
	return err
}

func (s *leaseStream) close() {
	if s.cancel != nil {
		s.cancel()
	}
	s.stream, s.cancel = nil, nil
}
