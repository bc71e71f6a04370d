package etcd

import (
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// keeper has the stream that keeps a client's leases alive. They share it, as
// clientv3's own leases do; but a stream that has fallen silent is left for a new
// one, which is the only way to move it to another member.
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
	if k.current == nil {
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
