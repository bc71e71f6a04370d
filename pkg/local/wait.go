package local

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

const (
	askInterval = 50 * time.Millisecond // between questions to a process
	askTimeout  = time.Second           // for one answer
)

// awaitServing waits until a member answers its peers. That its port is open says
// little: etcd opens it first of all.
func awaitServing(ctx context.Context, m *record) error {
	err := poll(ctx, pollInterval, func() bool {
		_, err := httpStatus(ctx, m.peerURL()+"/version")
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("wait for %q to serve its peers: %w", m.Name, err)
	}
	return nil
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
	var resp *clientv3.GetResponse
	err = poll(ctx, askInterval, func() bool {
		var err error
		resp, err = client.Get(ctx, keys.HeartbeatPrefix, clientv3.WithPrefix())
		return err == nil
	})
	return resp, err
}
