package drill

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// record is a put, as somebody tells of it: the store that acknowledged it, a
// read, or a watch.
type record struct {
	key, value string
	revision   int64 // of the put
}

// lost returns the acknowledged writes that were not found as they were
// acknowledged when they were read back; found is by member, then by key.
func lost(acknowledged []record, found map[string]map[string]record) (faults []string) {
	members := slices.Sorted(maps.Keys(found))
	for _, want := range acknowledged {
		i := slices.IndexFunc(members, func(m string) bool { return found[m][want.key] != want })
		if i < 0 {
			continue
		}
		what := "is not there"
		if got, ok := found[members[i]][want.key]; ok {
			what = fmt.Sprintf("is %q of revision %d", got.value, got.revision)
		}
		faults = append(faults, fmt.Sprintf("%q, acknowledged as %q at revision %d, %s when read through %s",
			want.key, want.value, want.revision, what, members[i]))
	}
	return faults
}

// mistold returns where a watch did not tell of just the writes that happened,
// each once and in the order of their revisions.
func mistold(happened, told []record) (faults []string) {
	open := make(map[record]bool, len(happened))
	for _, w := range happened {
		open[w] = true
	}
	seen := make(map[record]bool, len(told))
	var last int64
	for _, w := range told {
		switch {
		case seen[w]:
			faults = append(faults, fmt.Sprintf("%q at revision %d was told twice", w.key, w.revision))
		case !open[w]:
			faults = append(faults, fmt.Sprintf("%q at revision %d was told and did not happen", w.key, w.revision))
		case w.revision <= last:
			faults = append(faults, fmt.Sprintf("%q at revision %d was told after revision %d", w.key, w.revision, last))
		}
		seen[w] = true
		last = max(last, w.revision)
	}
	for _, w := range happened {
		if !seen[w] {
			faults = append(faults, fmt.Sprintf("%q at revision %d was not told", w.key, w.revision))
		}
	}
	return faults
}

// lives names what distinguishes one life of each host's agent from the next, by
// host.
type lives map[string]string

// falseDeaths returns the hosts that were shown Dead and have lived all the time:
// the life after is the one before.
func falseDeaths(before, after lives, shown []model.Node) (faults []string) {
	blamed := make(map[string]bool)
	for _, n := range shown {
		life, lived := before[n.Name]
		if n.State == model.NodeDead && lived && after[n.Name] == life && !blamed[n.Name] {
			blamed[n.Name] = true
			faults = append(faults, fmt.Sprintf("node %s was shown Dead (%s) and lived", n.Name, n.Reason))
		}
	}
	return faults
}

// eventPut is a put under an event key.
type eventPut struct {
	seq   int64
	again bool         // the key was there already
	event *model.Event // nil if it is none
}

// due is something that has happened and must have become one event.
type due struct {
	what     string
	types    []model.EventType
	revision int64
}

// misrecorded returns what is wrong with the events written after event number
// base: numbers left out, used twice or out of order, terms that go back, and
// what is due and has no event, or several.
func misrecorded(base int64, puts []eventPut, dues []due) (faults []string) {
	next, term := base+1, int64(0)
	gap := false
	for _, p := range puts {
		switch {
		case p.event == nil:
			faults = append(faults, fmt.Sprintf("event %d is not one", p.seq))
			next = max(next, p.seq+1)
			continue
		case p.again || p.seq < next:
			faults = append(faults, fmt.Sprintf("event %d was written twice, or late", p.seq))
		case p.seq > next:
			faults = append(faults, fmt.Sprintf("events %d to %d were never written", next, p.seq-1))
		}
		if p.event.Term < term {
			faults = append(faults, fmt.Sprintf("event %d is of term %d, after one of term %d", p.seq, p.event.Term, term))
		}
		next, term = max(next, p.seq+1), max(term, p.event.Term)
		gap = gap || p.event.Type == model.EventGap
	}
	if gap { // what happened before it is told by difference
		return faults
	}
	for _, d := range dues {
		n := 0
		for _, p := range puts {
			if p.event != nil && p.event.Revision == d.revision && slices.Contains(d.types, p.event.Type) {
				n++
			}
		}
		if n != 1 {
			faults = append(faults, fmt.Sprintf("%s (revision %d) became %d events", d.what, d.revision, n))
		}
	}
	return faults
}

// signed is a write that carries its leader's token.
type signed struct {
	token    int64
	revision int64
}

// usurped returns the writes of leaders that were not the leader any more: a
// write under a token after one under a later token.
func usurped(writes []signed) (faults []string) {
	slices.SortStableFunc(writes, func(a, b signed) int { return cmp.Compare(a.revision, b.revision) })
	var newest int64
	for _, w := range writes {
		if w.token < newest {
			faults = append(faults, fmt.Sprintf("the leader of token %d wrote at revision %d, after the one of token %d", w.token, w.revision, newest))
		}
		newest = max(newest, w.token)
	}
	return faults
}
