package event

import (
	"math"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// reader compares the numbers of the events with what it has told.
type reader struct {
	filter  Filter
	to      Follower
	last    int64 // all up to this number is told, or not to be told
	counted bool  // the next event is last + 1, or else some are missed
	listed  bool  // the store has been read once
	lost    bool
}

func (r *reader) lose(err error) {
	if !r.lost && r.to.Lost != nil {
		r.to.Lost(err)
	}
	r.lost = true
}

func (r *reader) update(u etcd.Update) {
	l := letter{to: r.to.News, due: r.lost}
	if u.Listed {
		if end := r.end(u); end < r.last {
			r.last, l.SetBack = end, true
		}
	}
	// Whoever knows the log so far knows the ill-named keys in it too.
	known := !r.listed && r.counted
	for _, c := range u.Changes {
		if c.KV == nil {
			continue // trimmed
		}
		seq, e, err := decode(c.KV)
		if seq <= r.last && (seq > 0 || known) {
			continue
		}
		if seq > 0 {
			if r.counted && seq > r.last+1 {
				l.send()
				l.Missed = Span{r.last + 1, seq - 1}
			}
			r.last, r.counted = seq, true
		}
		switch {
		case err != nil:
			l.problems.add(err.Error())
		case r.filter.takes(e):
			l.Events = append(l.Events, *e)
		}
	}
	l.send()
	r.listed, r.counted, r.lost = true, true, false
}

// end is the last of the events told that is still in the log, as a list tells.
// Trimming takes the oldest, and only when there are newer ones: a log that has
// lost its end, or has another one, is that of a store that was set back.
func (r *reader) end(u etcd.Update) int64 {
	gone := make(map[int64]bool)
	newest, rewritten := int64(0), int64(math.MaxInt64)
	for _, c := range u.Changes {
		seq, err := keys.EventSeq(c.Key)
		switch {
		case err != nil:
		case c.KV == nil:
			gone[seq] = true
		default:
			newest = max(newest, seq)
			rewritten = min(rewritten, seq)
		}
	}
	if !r.listed { // it has all there is
		return min(r.last, newest)
	}
	end := min(r.last, rewritten-1)
	for newest <= r.last && gone[end] {
		end--
	}
	return end
}

// letter gathers what is told at a time.
type letter struct {
	News
	problems problems
	due      bool // it is told even if it is empty
	to       func(News)
}

func (l *letter) send() {
	l.Problems = l.problems.told()
	if l.due || l.SetBack || l.Missed.Len() > 0 || len(l.Events) > 0 || len(l.Problems) > 0 {
		l.to(l.News)
	}
	*l = letter{to: l.to}
}
