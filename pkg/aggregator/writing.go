package aggregator

import (
	"context"
	"time"
)

// writeDown writes what the backlog holds until ctx ends or the leadership is
// lost, and moves the cursor every flushEvery.
func (r *reign) writeDown(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		if err := r.writeAll(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.backlog.wake:
		case <-tick.C:
			if r.behind() {
				r.unwritten = r.page()
			}
		}
	}
}

// writeAll writes what is there to be written.
func (r *reign) writeAll(ctx context.Context) error {
	for {
		if r.unwritten == nil {
			if r.backlog.len() == 0 {
				return nil
			}
			r.unwritten = r.page()
		}
		if err := r.write(ctx); err != nil {
			return err
		}
	}
}

// write writes the page that is next. A page whose write is cut short stays: it
// may be written already, and what follows it has to wait.
func (r *reign) write(ctx context.Context) error {
	p := r.unwritten
	revision, err := r.ledger.write(ctx, p)
	if err != nil {
		return err
	}
	r.unwritten = nil
	r.mu.Lock()
	for host := range p.roster {
		r.reducer.stored(host, revision)
	}
	r.mu.Unlock()
	r.told(p)
	return nil
}

// page takes the next page of the backlog.
func (r *reign) page() *page {
	p := r.backlog.take()
	r.seal(&p)
	return &p
}

// seal gives a page what tells it from every other.
func (r *reign) seal(p *page) {
	p.verdict = r.verdict()
	p.written = r.now().UTC()
}

// behind reports whether the summary does not say how things are.
func (r *reign) behind() bool {
	cursor, counts := r.backlog.reached()
	s := &r.ledger.summary
	return s.Cursor != cursor || s.Counts != counts || s.Verdict != r.verdict()
}

// handOver writes the rest, and that the leader stops in good order.
func (r *reign) handOver(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, handoverTime)
	defer cancel()
	err := r.writeAll(ctx)
	if err == nil {
		r.unwritten = r.page()
		r.unwritten.resigned = true
		err = r.write(ctx)
	}
	if err != nil {
		// Nothing is lost: the next leader goes on from the cursor.
		r.log.Info("handed over without the last writes", "err", err)
	}
}
