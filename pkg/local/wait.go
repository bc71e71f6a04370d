package local

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	askInterval = 50 * time.Millisecond // between questions to a member
	askTimeout  = time.Second           // for one answer
)

// awaitServing waits until a member answers its peers. That its port is open says
// little: etcd opens it first of all.
func awaitServing(ctx context.Context, m *record) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.peerURL()+"/version", http.NoBody)
		if err != nil {
			return err
		}
		if resp, err := client.Do(req); err == nil {
			return resp.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %q to serve its peers: %w", m.Name, ctx.Err())
		case <-tick.C:
		}
	}
}

// awaitMembers waits until every member answers a linearizable read, which it can
// only do as part of a quorum, and returns the revision of the last answer.
func awaitMembers(ctx context.Context, members []*record, progress func(Step)) (int64, error) {
	type answer struct {
		member   *record
		revision int64
	}
	answers := make(chan answer, len(members))
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, m := range members {
		asking.Go(func() {
			if resp, err := askUntil(ctx, m.clientURL()); err == nil {
				answers <- answer{m, resp.Header.Revision}
			}
		})
	}

	var revision int64
	missing := members
	for {
		progress(Step{Doing: "wait for the members", Done: len(members) - len(missing), Total: len(members)})
		if len(missing) == 0 {
			return revision, nil
		}
		select {
		case a := <-answers:
			revision = max(revision, a.revision)
			missing = without(missing, []*record{a.member})
		case <-ctx.Done():
			return 0, fmt.Errorf("wait for %s to join a quorum: %w", strings.Join(names(missing), ", "), ctx.Err())
		}
	}
}

// askUntil asks a member for the heartbeats until it answers.
func askUntil(ctx context.Context, endpoint string) (*clientv3.GetResponse, error) {
	client, err := etcd.New(etcd.Config{Endpoints: []string{endpoint}, CallTimeout: askTimeout, FailFast: true})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	tick := time.NewTicker(askInterval)
	defer tick.Stop()
	for {
		resp, err := client.Get(ctx, keys.HeartbeatPrefix, clientv3.WithPrefix())
		if err == nil {
			return resp, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// awaitHeartbeats waits until every agent has its heartbeat in etcd: those just
// started one of their own, which is newer than the revision since.
func awaitHeartbeats(ctx context.Context, st *state, started []*record, since int64, progress func(Step)) error {
	agents := st.agents()
	if len(agents) == 0 {
		return nil
	}
	client, err := etcd.New(etcd.Config{Endpoints: st.endpoints(), CallTimeout: askTimeout})
	if err != nil {
		return err
	}
	defer client.Close()
	tick := time.NewTicker(askInterval)
	defer tick.Stop()
	told := -1
	for {
		missing := agents
		if resp, err := client.Get(ctx, keys.HeartbeatPrefix, clientv3.WithPrefix()); err == nil {
			missing = silent(agents, started, since, resp)
		}
		if done := len(agents) - len(missing); done > told {
			told = done
			progress(Step{Doing: "wait for the agents' heartbeats", Done: done, Total: len(agents)})
		}
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for a heartbeat of %s: %w", strings.Join(names(missing), ", "), ctx.Err())
		case <-tick.C:
		}
	}
}

// silent returns the agents of which the answer holds no heartbeat that counts.
func silent(agents, started []*record, since int64, resp *clientv3.GetResponse) []*record {
	beats := make(map[string]int64) // by key: mod revision
	for _, kv := range resp.Kvs {
		if h, err := model.DecodeHeartbeat(kv.Value); err == nil && h.Status == model.StatusAlive {
			beats[string(kv.Key)] = kv.ModRevision
		}
	}
	var missing []*record
	for _, a := range agents {
		revision, ok := beats[keys.Heartbeat(a.Host)]
		if !ok || slices.Contains(started, a) && revision <= since {
			missing = append(missing, a)
		}
	}
	return missing
}
