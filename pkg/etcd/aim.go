package etcd

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/balancer/roundrobin"
	"google.golang.org/grpc/connectivity"
)

// aim tells which member a call is to go to: that at an address as the balancer has
// it, or one that has not been visited.
type aim struct {
	at      string
	visited *visited
	picked  string // under visited's lock; empty before the call is sent
}

// address is that of the member that the call went to.
func (a *aim) address() string {
	a.visited.mu.Lock()
	defer a.visited.mu.Unlock()
	return a.picked
}

// visited are the addresses of the members that calls went to.
type visited struct {
	mu    sync.Mutex
	addrs []string
}

func visitedOnly(addr string) *visited { return &visited{addrs: []string{addr}} }

type aimKey struct{}

// aimAt makes a context whose calls go to the member at an address while there is a
// connection to it, and elsewhere else.
func (v *visited) aimAt(ctx context.Context, at string) (context.Context, *aim) {
	a := &aim{at: at, visited: v}
	return context.WithValue(ctx, aimKey{}, a), a
}

// aimElsewhere makes a context whose calls go where none has been, or to any member
// when they have been everywhere.
func (v *visited) aimElsewhere(ctx context.Context) (context.Context, *aim) {
	return v.aimAt(ctx, "")
}

// aimOf is the aim of a call; nil where it may go to any member.
func aimOf(ctx context.Context) *aim {
	a, _ := ctx.Value(aimKey{}).(*aim)
	return a
}

// pick returns the address at if it is connected, else a connected one to which none has
// been, another one at each turn; empty when there is none.
func (a *aim) pick(connected []string, turn uint32) string {
	v, at := a.visited, a.at
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(connected, at) {
		fresh := slices.DeleteFunc(slices.Clone(connected), func(addr string) bool { return slices.Contains(v.addrs, addr) })
		if len(fresh) == 0 {
			return ""
		}
		at = fresh[turn%uint32(len(fresh))] //nolint:gosec // they are few
	}
	if !slices.Contains(v.addrs, at) {
		v.addrs = append(v.addrs, at)
	}
	a.picked = at
	return at
}

// first is where the first call went; empty before it.
func (v *visited) first() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.addrs) == 0 {
		return ""
	}
	return v.addrs[0]
}

func (v *visited) clone() *visited {
	v.mu.Lock()
	defer v.mu.Unlock()
	return &visited{addrs: slices.Clone(v.addrs)}
}

// aimedPolicy is gRPC's round_robin, but for calls that are aimed.
const aimedPolicy = "round_robin_unless_aimed"

func init() { balancer.Register(aimedBuilder{}) } //nolint:gochecknoinits // gRPC takes policies only then

// aimedCalls makes a client's calls follow their aim. The service config that they
// replace is clientv3's, which says round_robin and no more.
func aimedCalls() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"` + aimedPolicy + `": {}}]}`),
	}
}

type aimedBuilder struct{}

func (aimedBuilder) Name() string { return aimedPolicy }

func (aimedBuilder) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	return balancer.Get(roundrobin.Name).Build(aimedConn{cc}, opts)
}

// aimedConn is the connection as round_robin sees it.
type aimedConn struct{ balancer.ClientConn }

func (c aimedConn) UpdateState(s balancer.State) {
	p := &aimedPicker{roundRobin: s.Picker, ready: make(map[string]balancer.Picker)}
	p.turn.Store(rand.Uint32())
	for _, child := range endpointsharding.ChildStatesFromPicker(s.Picker) {
		if child.State.ConnectivityState == connectivity.Ready {
			addr := child.Endpoint.Addresses[0].Addr
			p.ready[addr] = child.State.Picker
			p.addrs = append(p.addrs, addr)
		}
	}
	s.Picker = p
	c.ClientConn.UpdateState(s)
}

type aimedPicker struct {
	roundRobin balancer.Picker
	ready      map[string]balancer.Picker
	addrs      []string // of ready
	turn       atomic.Uint32
}

func (p *aimedPicker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	a := aimOf(info.Ctx)
	if a == nil {
		return p.roundRobin.Pick(info)
	}
	if member, ok := p.ready[a.pick(p.addrs, p.turn.Add(1))]; ok {
		return member.Pick(info)
	}
	return p.roundRobin.Pick(info)
}
