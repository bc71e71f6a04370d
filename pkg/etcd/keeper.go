package etcd

import (
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// leasesPerStream is how many leases share a stream. A member answers the renewals
// of one stream one after the other, and all but the leader ask the leader for each:
// with many on it an overloaded store would be too late for the last ones.
const leasesPerStream = 4

// keeper has the streams that keep a client's leases alive. A stream that has fallen
// silent is left for a new one, which is the only way to move it to another member.
type keeper struct {
	mu      sync.Mutex
	current *keepStream
}

// keepStream is one stream, and how many leases are on it.
type keepStream struct {
	clientv3.Lease

	leases int
}

func (k *keeper) join(client *clientv3.Client) *keepStream {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current == nil || k.current.leases == leasesPerStream {
		k.current = &keepStream{Lease: clientv3.NewLease(client)} // opens its stream with the first lease
	}
	k.current.leases++
	return k.current
}

// leave takes a lease off a stream; a bad one is joined by no other. The last one
// closes it.
func (k *keeper) leave(s *keepStream, bad bool) {
	k.mu.Lock()
	s.leases--
	last := s.leases == 0
	if k.current == s && (bad || last) {
		k.current = nil
	}
	k.mu.Unlock()
	if last {
		_ = s.Close()
	}
}
