package aggregator_test

import (
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// verification holds a recorded history against what is promised:
//
//   - what is written, the holder of the first election key has written;
//   - events are numbered without holes, and each is written once;
//   - they are those that follow from the heartbeats' history, in its order;
//   - the cursor never passes what is not written;
//   - in the end roster and counts are those of the history.
type verification struct {
	oracle     *oracle
	due        []expectation
	candidates map[string]int64 // election key to create revision
	roster     map[string]*model.RosterEntry
	summary    *model.Summary // the last one; nil if there is none that can be read
	written    int64          // the number of the newest event
	term       int64
	cursor     int64 // of the last summary that could be read

	leaders, events, gaps int
	problems              []string
}

// verify checks a whole history.
func verify(commits [][]etcd.Change) *verification {
	v := &verification{
		oracle: &oracle{nodes: map[string]*fortune{}}, candidates: map[string]int64{}, roster: map[string]*model.RosterEntry{},
	}
	for _, commit := range commits {
		for _, c := range commit {
			if strings.HasPrefix(c.Key, keys.HeartbeatPrefix) {
				v.oracle.history = append(v.oracle.history, c)
			}
		}
	}
	for _, commit := range commits {
		v.commit(commit)
	}
	return v
}

func (v *verification) wrong(revision int64, format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf("revision %d: ", revision)+fmt.Sprintf(format, args...))
}

// leader is the token of who leads.
func (v *verification) leader() (first int64) {
	for _, token := range v.candidates {
		if first == 0 || token < first {
			first = token
		}
	}
	return first
}

// commit checks what was written at one revision.
func (v *verification) commit(changes []etcd.Change) {
	revision := changes[0].Revision
	var events []*model.Event
	var summary *model.Summary
	ledger := false // written as only a leader may
	leader := v.leader()
	for _, c := range changes {
		switch {
		case strings.HasPrefix(c.Key, keys.ElectionPrefix):
			if c.KV == nil {
				delete(v.candidates, c.Key)
			} else {
				v.candidates[c.Key] = c.KV.CreateRevision
			}
		case strings.HasPrefix(c.Key, keys.EventPrefix) && c.KV != nil:
			ledger = true
			e, err := model.DecodeEvent(c.KV.Value)
			if err != nil {
				v.wrong(revision, "event %q: %v", c.Key, err)
				continue
			}
			if c.KV.Version != 1 {
				v.wrong(revision, "event %d is written again", e.Seq)
			}
			events = append(events, e)
		case strings.HasPrefix(c.Key, keys.HostPrefix):
			ledger = v.remember(c) || ledger
		case c.Key == keys.Summary():
			summary = v.summarize(c)
		}
	}
	if ledger && summary == nil {
		v.wrong(revision, "events or roster are written without a summary")
	}
	if summary != nil {
		v.page(revision, leader, events, summary)
	}
}

// remember takes a change of the roster, and reports whether a leader made it:
// who deletes an entry is a user.
func (v *verification) remember(c etcd.Change) bool {
	host, _ := keys.RosterHost(c.Key)
	if c.KV == nil {
		delete(v.roster, host)
		delete(v.oracle.nodes, host)
		return false
	}
	entry, err := model.DecodeRosterEntry(c.KV.Value)
	if err != nil {
		v.wrong(c.Revision, "roster of %q: %v", host, err)
		return true
	}
	v.roster[host] = entry
	return true
}

// summarize takes a change of the summary; nil for one that no leader made.
func (v *verification) summarize(c etcd.Change) *model.Summary {
	v.summary = nil
	if c.KV == nil {
		v.cursor = 0 // lost with it
		return nil
	}
	s, err := model.DecodeSummary(c.KV.Value)
	if err != nil || s.Token == 0 {
		v.cursor = 0
		return nil
	}
	v.summary = s
	return s
}

// page checks one txn of a leader.
func (v *verification) page(revision, leader int64, events []*model.Event, s *model.Summary) {
	if s.Token != leader {
		v.wrong(revision, "written with token %d, and %d leads", s.Token, leader)
	}
	for _, e := range events {
		v.events++
		if e.Seq != v.written+1 {
			v.wrong(revision, "event %d follows event %d", e.Seq, v.written)
		}
		v.written = e.Seq
		v.event(revision, e)
	}
	if s.Seq != v.written {
		v.wrong(revision, "the summary tells of %d events, there are %d", s.Seq, v.written)
	}
	if s.Cursor < v.cursor {
		v.wrong(revision, "cursor %d after %d", s.Cursor, v.cursor)
	}
	v.cursor = s.Cursor
	v.due = append(v.due, v.oracle.upTo(s.Cursor, false)...)
	if len(v.due) > 0 {
		v.wrong(revision, "the cursor is at %d, and these are missing: %v", s.Cursor, v.due)
		v.due = nil
	}
}

// event checks one event against the history.
func (v *verification) event(revision int64, e *model.Event) {
	switch e.Type {
	case model.EventLeader:
		v.leaders++
		if e.Term != v.term+1 {
			v.wrong(revision, "term %d follows term %d", e.Term, v.term)
		}
		v.term = e.Term
		return
	case model.EventGap:
		v.gaps++
		// Up to the cursor everything must have been told; a gap that was cut short is
		// told again.
		if len(v.due) > 0 {
			v.wrong(revision, "missing before the gap: %v", v.due)
			v.due = nil
		}
		v.oracle.skip(e.To)
		return
	}
	if len(v.due) == 0 {
		v.due = v.oracle.upTo(revision, true)
	}
	got := expectation{string(e.Type), e.Host, e.Revision}
	if len(v.due) == 0 {
		v.wrong(revision, "event %d, %v, follows from nothing", e.Seq, got)
		return
	}
	if v.due[0] != got {
		v.wrong(revision, "event %d is %v, expected %v", e.Seq, got, v.due[0])
	}
	v.due = v.due[1:]
}

// settled checks what must hold once everything is written.
func (v *verification) settled() {
	var counts model.RosterCounts
	for host, n := range v.oracle.nodes {
		counts.Add(model.NodeState(n.state), 1)
		e := v.roster[host]
		if e == nil || string(e.State) != n.state || e.ConfigRev != n.configRev || e.ConfigError != n.problem {
			v.wrong(0, "the roster says of %q %+v, expected %+v", host, e, *n)
		}
	}
	for host := range v.roster {
		if v.oracle.nodes[host] == nil {
			v.wrong(0, "the roster has %q", host)
		}
	}
	if v.summary == nil || v.summary.Counts != counts {
		v.wrong(0, "the summary is %+v, expected the counts %+v", v.summary, counts)
	}
}
