package drill

import (
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// quiet is how long no write must have been acknowledged for the last one to be
// called the last, as long as no other leader has acknowledged one. On a long way
// answers come that much later.
const quiet = 50 * time.Millisecond

// sighting is that a member was the first to name another leader.
type sighting struct {
	at   time.Time
	name string // of the new leader
	term uint64
}

// memberFacts is what is known so far of a kill of the etcd leader.
type memberFacts struct {
	name    string // of the leader that is ended
	ending  string // how that was done
	sent    time.Time
	term    uint64 // of that leader
	acks    []ack  // in the order of the answers
	failure *failure
	leader  *sighting
	resumed time.Time // when a hung leader went on; zero as long as it has not
	told    []told
	quiet   time.Duration
	before  map[string]pulse // when the signal was sent
	pulses  map[string]pulse // now
}

// timeline makes the marks that are known so far, in no order, and tells whether
// all that are needed are there.
func (f *memberFacts) timeline(now time.Time) (marks []model.DrillMark, complete bool) {
	mark := func(e model.DrillEvent, at time.Time, format string, args ...any) {
		marks = append(marks, model.DrillMark{Event: e, At: at.Sub(f.sent).Round(time.Microsecond).Seconds(), Detail: fmt.Sprintf(format, args...)})
	}
	mark(model.MarkSignal, f.sent, "%s", f.ending)
	last, first := f.writes()
	if last != nil && (first != nil || now.Sub(last.at) >= f.quiet && now.Sub(f.sent) >= f.quiet) {
		mark(model.MarkLastWrite, last.at, "")
	}
	if f.failure != nil {
		mark(model.MarkFirstError, f.failure.at, "through %s: %s", f.failure.member, etcd.Reason(f.failure.err))
	}
	if f.leader != nil {
		at := f.leader.at
		if first != nil { // which tells of a leader too
			at = earliest(at, first.at)
		}
		mark(model.MarkNewLeader, at, "%s leads term %d", f.leader.name, f.leader.term)
	}
	if first == nil {
		return marks, false
	}
	if last != nil {
		mark(model.MarkFirstWrite, first.at, "none for %d ms", first.at.Sub(last.at).Milliseconds())
	} else {
		mark(model.MarkFirstWrite, first.at, "")
	}
	if !f.resumed.IsZero() {
		mark(model.MarkResumed, f.resumed, "SIGCONT to %s", f.name)
	}
	i := slices.IndexFunc(f.told, func(t told) bool { return t.revision >= first.revision })
	if i >= 0 { // told, perhaps, a moment before the write's own answer came
		mark(model.MarkWatch, latest(first.at, f.told[i].at), "")
	}
	at, overdue, heard := f.heard(first.at)
	if heard {
		mark(model.MarkHeartbeats, at, "%s", dueWords(overdue))
	}
	return marks, f.leader != nil && i >= 0 && heard
}

// writes are the last write that the old leader acknowledged, and the first one
// under another; nil as long as there is none.
func (f *memberFacts) writes() (last, first *ack) {
	for i := range f.acks {
		a := &f.acks[i]
		if a.term <= f.term {
			last = a
		} else if first == nil {
			first = a
		}
	}
	return last, first
}

// heard tells when the last of the heartbeats came that fell due between the
// signal and the first write, and how many they are; false as long as one is
// missing. A node whose heartbeat has ended is not waited for.
func (f *memberFacts) heard(first time.Time) (at time.Time, overdue int, ok bool) {
	at = first
	for host, was := range f.before {
		due := was.last.Add(was.interval)
		if was.interval == 0 || was.leaving || due.Before(f.sent) || due.After(first) {
			continue
		}
		now, lives := f.pulses[host]
		switch {
		case !lives:
		case !now.last.After(f.sent):
			return at, overdue, false
		default:
			overdue++
			at = latest(at, now.last)
		}
	}
	return at, overdue, true
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func dueWords(n int) string {
	switch n {
	case 0:
		return "none fell due meanwhile"
	case 1:
		return "1 fell due meanwhile"
	}
	return fmt.Sprintf("%d fell due meanwhile", n)
}

// leaderFacts is what is known so far of a kill of the aggregators' leader.
type leaderFacts struct {
	ending    string
	sent      time.Time
	token     int64
	gone      time.Time // zero as long as the key is there
	leads     []lead
	summaries []stamped
}

// timeline makes the marks that are known so far, and tells whether all are.
func (f *leaderFacts) timeline() (marks []model.DrillMark, complete bool) {
	mark := func(e model.DrillEvent, at time.Time, format string, args ...any) {
		marks = append(marks, model.DrillMark{Event: e, At: at.Sub(f.sent).Round(time.Microsecond).Seconds(), Detail: fmt.Sprintf(format, args...)})
	}
	mark(model.MarkSignal, f.sent, "%s", f.ending)
	if !f.gone.IsZero() {
		mark(model.MarkKeyGone, f.gone, "")
	}
	if i := slices.IndexFunc(f.leads, func(l lead) bool { return l.token > f.token }); i >= 0 {
		mark(model.MarkNewLeader, f.leads[i].at, "%s is the first in line", f.leads[i].Name)
	}
	next, in, ok := f.successor()
	if ok {
		mark(model.MarkOffice, in.at, "%s in term %d", next.Name, in.term)
	}
	return marks, ok && !f.gone.IsZero()
}

// successor is who took office next, and its first summary. It need not be who
// was the first in line at first: one may lose its place before it writes.
func (f *leaderFacts) successor() (next lead, in stamped, ok bool) {
	i := slices.IndexFunc(f.summaries, func(s stamped) bool { return s.token > f.token })
	if i < 0 {
		return next, in, false
	}
	in = f.summaries[i]
	j := slices.IndexFunc(f.leads, func(l lead) bool { return l.token == in.token })
	if j < 0 {
		return next, in, false // its summary was told before its key
	}
	return f.leads[j], in, true
}

// gapsOf measures a finished timeline.
func gapsOf(marks []model.DrillMark) map[model.DrillGap]float64 {
	at := make(map[model.DrillEvent]float64)
	for _, m := range marks {
		at[m.Event] = m.At
	}
	gaps := make(map[model.DrillGap]float64)
	for _, e := range []model.DrillEvent{
		model.MarkNewLeader, model.MarkWatch, model.MarkHeartbeats, model.MarkKeyGone, model.MarkOffice,
	} {
		if t, ok := at[e]; ok {
			gaps[model.DrillGap(e)] = t
		}
	}
	last, lastKnown := at[model.MarkLastWrite]
	first, firstKnown := at[model.MarkFirstWrite]
	if lastKnown && firstKnown {
		gaps[model.GapWrites] = first - last
	}
	return gaps
}
