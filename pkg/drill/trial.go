package drill

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// leaseTTL is how long the keys of a drill outlive one that was killed.
	leaseTTL = 30 * time.Second
	// closeTime bounds the removal of the keys.
	closeTime = time.Second
	// steadyWrites is how many writes each member must acknowledge before a leader
	// is ended, and after it is restored.
	steadyWrites = 20
)

// probing calls f while a probe writes and reads, and then proves that nothing
// was lost. The probe's keys are removed, whatever comes of it.
func (d *drill) probing(ctx context.Context, f func(context.Context, *probe) error) ([]model.DrillPromise, error) {
	if _, err := d.spare(ctx, 0); err != nil {
		return nil, err
	}
	lease, err := d.client.NewLease(ctx, leaseTTL)
	if err != nil {
		return nil, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		_ = lease.Close(ctx) // else the lease ends by itself
	}()
	p := &probe{
		id: d.id, clients: d.Source.Pool.Clients(), names: d.names, lease: lease.ID(),
		number: d.written, from: len(d.witness.toldFrom(0)),
	}
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() { p.run(ctx, stop) })
	err = d.steady(ctx, p)
	if err == nil {
		err = f(ctx, p)
	}
	if err == nil {
		err = d.steady(ctx, p)
	}
	close(stop)
	if err != nil {
		d.restoreLeft(ctx) // first of all
	}
	writing.Wait()
	if err != nil {
		return nil, err
	}
	return d.prove(ctx, p)
}

// steady waits until every member that is up has acknowledged some more writes.
func (d *drill) steady(ctx context.Context, p *probe) error {
	from := len(p.acknowledged())
	return d.await(ctx, "for every member to acknowledge writes", func(context.Context) (bool, error) {
		each := make(map[string]int)
		for _, a := range p.acknowledged()[from:] {
			each[a.through]++
		}
		for name, up := range d.up {
			if up && each[name] < steadyWrites {
				return false, nil
			}
		}
		return true, nil
	})
}

// prove compares what was acknowledged with what is there, and with what the
// watch told.
func (d *drill) prove(ctx context.Context, p *probe) ([]model.DrillPromise, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	if _, err := d.stand(ctx); err != nil {
		return nil, err
	}
	happened, err := p.settle(ctx, d.Source.Pool)
	if err != nil {
		return nil, err
	}
	// Once the watch has told of the last write, it has told of all.
	p.number++
	d.written = p.number
	last, err := p.claim(ctx, d.Source.Pool, record{key: keys.DrillWrite(p.id, p.number), value: void})
	if err != nil {
		return nil, fmt.Errorf("write %q: %w", last.key, err)
	}
	happened = append(happened, last)
	var seen []record
	err = d.await(ctx, "for the watch to tell of the last write", func(context.Context) (bool, error) {
		seen = seen[:0]
		for _, t := range d.witness.toldFrom(p.from) {
			seen = append(seen, t.record)
		}
		return slices.Contains(seen, last), nil
	})
	if err != nil {
		return nil, err
	}
	acknowledged := make([]record, len(p.acks))
	for i, a := range p.acks {
		acknowledged[i] = a.record
	}
	found, err := d.readBack(ctx, p, acknowledged)
	if err != nil {
		return nil, err
	}
	return []model.DrillPromise{
		promise("acknowledged writes", "lost", len(acknowledged), lost(acknowledged, found)),
		promise("unanswered writes", "in doubt", len(p.unknown), nil), // else settle had failed
		promise("linearizable reads", "stale", p.reads, p.stale),
		promise("watch events", "missed or out of order", len(happened), mistold(happened, seen)),
	}, nil
}

// readBack reads writes back through every member that is up, by its name.
func (d *drill) readBack(ctx context.Context, p *probe, writes []record) (map[string]map[string]record, error) {
	found := make(map[string]map[string]record)
	for _, c := range p.clients {
		name := p.names[c.Endpoint()]
		if !d.up[name] {
			continue
		}
		var err error
		if found[name], err = readBack(ctx, c, writes); err != nil {
			return nil, fmt.Errorf("through %s: %w", name, err)
		}
	}
	return found, nil
}

// toldFrom is what the watch has told of the probe's writes, less the first n.
func (w *witness) toldFrom(n int) []told {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told[n:len(w.told):len(w.told)]
}
