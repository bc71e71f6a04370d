package drill

import (
	"context"
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// onlooker looks at the nodes as whoever runs `nodes -w` does, and notes the rows
// in which one is shown Dead.
type onlooker struct {
	live *status.Live

	mu   sync.Mutex
	dead []model.Node
}

func newOnlooker(s *status.Source) *onlooker { return &onlooker{live: status.NewLive(s)} }

// watch looks on until ctx ends.
func (o *onlooker) watch(ctx context.Context) error {
	take := o.live.TakeAll
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.live.Changed():
		}
		if o.live.Ready() {
			o.note(take())
			take = o.live.TakeChanges
		}
	}
}

func (o *onlooker) note(rows []model.Node) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range rows {
		if n.State == model.NodeDead {
			o.dead = append(o.dead, n)
		}
	}
}

// shownDead returns the rows in which a node was shown Dead.
func (o *onlooker) shownDead() []model.Node {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dead
}
