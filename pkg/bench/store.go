package bench

import (
	"context"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (c *Config) look(ctx context.Context) []model.Member {
	return members.Look(ctx, c.Source.Pool, c.Source.Members, c.Source.Dial).Items
}

// growth tells how the store has grown from one look at the members to another.
func growth(before, after []model.Member) model.BenchStore {
	type figures struct{ size, revision int64 }
	was := make(map[string]figures)
	for _, m := range before {
		if m.DBSize != nil && m.Revision != nil {
			was[m.ID] = figures{*m.DBSize, *m.Revision}
		}
	}
	var s model.BenchStore
	most := func(p **int64, v int64) {
		if *p == nil || v > **p {
			*p = new(v)
		}
	}
	for _, m := range after {
		old, known := was[m.ID]
		if m.DBSize == nil || m.Revision == nil || !known {
			continue
		}
		most(&s.DBSize, *m.DBSize)
		most(&s.DBGrowth, *m.DBSize-old.size)
		most(&s.Revisions, *m.Revision-old.revision)
	}
	return s
}
