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
	went   string // the address of the member that the stream leads to, where gRPC picked last
	// at has that member, ledIn the term of raft's in which it led when the stream was
	// opened, 0 where it did not for all that was known, and cancel ends the stream.
	at     atomic.Pointer[visited]
	ledIn  atomic.Uint64
	cancel atomic.Pointer[context.CancelFunc]
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
	if at, term := s.client.findLeader(ctx); s.stream == nil || at != "" && at != s.went {
		s.close()
		if err := s.open(ctx, at, term); err != nil {
			return nil, err
		}
	}
	if err := s.stream.Send(&pb.LeaseKeepAliveRequest{ID: int64(id)}); err != nil {
		return nil, err
	}
	return s.stream.Recv()
}

func (s *leaseStream) open(ctx context.Context, leader string, term uint64) error {
	at := new(visited)
	s.at.Store(at)
	s.ledIn.Store(0)
	ctx, aim := at.aimAt(ctx, leader)
	ctx, cancel := context.WithCancel(ctx)
	s.cancel.Store(&cancel)
	var err error
	s.stream, err = pb.NewLeaseClient(s.client.ActiveConnection()).LeaseKeepAlive(ctx)
	if s.went = aim.address(); s.went == leader && leader != "" {
		s.ledIn.Store(term)
	}
	return err
}

// breakOff makes a renewal that is under way fail.
func (s *leaseStream) breakOff() {
	if cancel := s.cancel.Load(); cancel != nil {
		(*cancel)()
	}
}

func (s *leaseStream) close() {
	s.breakOff()
	s.stream = nil
}
