package members

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// memberList reads the list linearizably, or what one member has of it when
// there is no quorum.
func memberList(ctx context.Context, pool *etcd.Pool) (*clientv3.MemberListResponse, error) {
	// Without a quorum the linearizable list takes all the time there is: the
	// other one is asked for at the same time, and waits for its turn.
	ctx, cancel := context.WithCancel(ctx)
	var (
		local    *clientv3.MemberListResponse
		localErr error
		asking   sync.WaitGroup
	)
	asking.Go(func() {
		local, localErr = etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.MemberListResponse, error) {
			return c.MemberList(ctx, clientv3.WithSerializable())
		})
	})
	defer asking.Wait()
	defer cancel()

	agreed, cancelAgreed := context.WithTimeout(ctx, StatusTimeout/2)
	defer cancelAgreed()
	list, err := etcd.Read(agreed, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.MemberListResponse, error) {
		return c.MemberList(ctx)
	})
	if err == nil {
		return list, nil
	}
	if asking.Wait(); localErr == nil {
		return local, nil
	}
	return nil, err
}

// answer is what one endpoint said, or why it said nothing.
type answer struct {
	endpoint string
	status   *clientv3.StatusResponse
	err      error
}

// ask asks every client for its member's status, all at once.
func ask(ctx context.Context, clients []*etcd.Client) []answer {
	answers := make([]answer, len(clients))
	var asking sync.WaitGroup
	for i, c := range clients {
		asking.Go(func() {
			status, err := c.Status(ctx, c.Endpoint())
			if err != nil && over(ctx) && !errors.Is(ctx.Err(), context.Canceled) {
				err = context.DeadlineExceeded // not how gRPC happened to notice it
			}
			answers[i] = answer{c.Endpoint(), status, err}
		})
	}
	asking.Wait()
	return answers
}

// over reports whether ctx has ended. Its own Err may say so a moment late.
func over(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(end)
}

// askAt asks some endpoints: over the pool those that it has, the others over
// connections of their own.
func askAt(ctx context.Context, endpoints []string, pool *etcd.Pool, dial Dialer) []answer {
	var (
		clients []*etcd.Client
		others  []string
		failed  []answer
	)
	for _, ep := range endpoints {
		i := slices.IndexFunc(pool.Clients(), func(c *etcd.Client) bool { return c.Endpoint() == ep })
		if i < 0 {
			others = append(others, ep)
		} else {
			clients = append(clients, pool.Clients()[i])
		}
	}
	if len(others) > 0 && dial != nil {
		more, err := dial(others)
		if err == nil {
			defer more.Close()
			clients = append(clients, more.Clients()...)
		} else {
			for _, ep := range others {
				failed = append(failed, answer{endpoint: ep, err: err})
			}
		}
	}
	return append(failed, ask(ctx, clients)...)
}

// askUnreached asks the listed members that no endpoint of the pool is an address
// of. One that the pool reaches by another address is asked twice.
func askUnreached(ctx context.Context, listed []*etcdserverpb.Member, pool *etcd.Pool, dial Dialer) []answer {
	if dial == nil {
		return nil
	}
	var unreached []string
	for _, m := range listed {
		inPool := func(c *etcd.Client) bool { return slices.Contains(m.ClientURLs, c.Endpoint()) }
		if len(m.ClientURLs) > 0 && !slices.ContainsFunc(pool.Clients(), inPool) {
			unreached = append(unreached, m.ClientURLs[0])
		}
	}
	return askAt(ctx, unreached, pool, dial)
}
