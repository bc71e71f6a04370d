package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Stream appends records to a pipe as they change: of tables only the rows that
// look different, of documents one a line, and nothing where nothing has changed.
// The passing of time alone is no change.
type Stream struct {
	w       io.Writer
	o       Options
	members sequence
	nodes   sequence
	events  sequence
	metrics map[string]bool // every metric that a node has reported so far

	aggregators sequence
	changes     sequence
	changed     int64             // the number of the last change of the aggregators' leader
	said        map[string]string // the last sentence over the tables, by what it is about
	last        map[string]string // the last document of each item
}

// NewStream makes a stream. The widths of o do not matter: a pipe has none.
func NewStream(w io.Writer, o Options) *Stream {
	return &Stream{w: w, o: o, metrics: make(map[string]bool), said: make(map[string]string), last: make(map[string]string)}
}

// Print appends what is new in record: a Status, NodeList, MemberList, Leader,
// Rollout or EventList. A list may hold a part of the items; the others are as they
// were. Of an EventList every item is new.
func (s *Stream) Print(record any) error {
	var (
		b   bytes.Buffer
		err error
	)
	switch s.o.Format {
	case Table, Wide, "":
		err = s.rows(&b, record)
	case Name:
		err = s.names(&b, record)
	default:
		err = s.documents(&b, record)
	}
	if err != nil {
		return err
	}
	if b.Len() == 0 {
		return nil
	}
	if _, err := s.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func (s *Stream) rows(b *bytes.Buffer, record any) error {
	switch r := record.(type) {
	case *model.Status:
		s.say(b, "all", fmt.Sprintf("%s: %s; %s", r.Verdict, memberSummary(r), nodeSummary(r.Counts)))
		s.sayAggregators(b, &r.Aggregator)
		s.members.write(b, memberTable(r.Members, s.o.wide()), s.o)
		s.nodes.write(b, s.nodeTable(r.Nodes), s.o)
	case *model.NodeList:
		s.nodes.write(b, s.nodeTable(r.Items), s.o)
	case *model.MemberList:
		s.members.write(b, memberTable(r.Items, s.o.wide()), s.o)
	case *model.Leader:
		s.say(b, "raft", leaderSentence(r.Leader, r.Quorum))
		s.members.write(b, tableOf(r.Candidates, candidateColumns(), s.o.wide()), s.o)
		s.writeAggregators(b, &r.Aggregator)
	case *model.Rollout:
		s.nodes.write(b, tableOf(r.Items, rolloutColumns(), s.o.wide()), s.o)
	case *model.EventList:
		t := tableOf(r.Items, eventColumns(time.Time{}), s.o.wide())
		s.events.append(b, t, t.rows, s.o)
	default:
		return fmt.Errorf("follow %T: no such record", record)
	}
	return nil
}

// nodeTable has a column for every metric that was ever reported, so that the
// columns do not jump with the nodes that happen to change.
func (s *Stream) nodeTable(nodes []model.Node) table {
	for i := range nodes {
		for name := range nodes[i].Metrics {
			s.metrics[name] = true
		}
	}
	seen := model.Node{Metrics: make(map[string]float64, len(s.metrics))}
	for name := range s.metrics {
		seen.Metrics[name] = 0
	}
	known, foreign := reportedMetrics([]model.Node{seen})
	if s.o.wide() {
		known = append(known, foreign...)
	}
	return tableOf(nodes, nodeColumns(known, time.Time{}), s.o.wide())
}

func (s *Stream) say(b *bytes.Buffer, about, sentence string) {
	if s.said[about] != sentence {
		s.said[about] = sentence
		b.WriteString(sentence + "\n")
	}
}

func (s *Stream) names(b *bytes.Buffer, record any) error {
	f, err := formOf(record)
	if err != nil {
		return err
	}
	var changed bytes.Buffer
	if err := s.rows(&changed, record); err != nil {
		return err
	}
	_, allNew := record.(*model.EventList)
	for _, n := range f.names {
		_, name, _ := strings.Cut(n, "/")
		if allNew || s.nodes.fresh[Cell(name)] || s.members.fresh[Cell(name)] || s.aggregators.fresh[Cell(name)] {
			b.WriteString(Sanitize(n) + "\n")
		}
	}
	return nil
}

// documents writes a list's changed items, or a whole record that has changed.
func (s *Stream) documents(b *bytes.Buffer, record any) error {
	switch r := record.(type) {
	case *model.NodeList:
		part := *r
		part.Items = slices.DeleteFunc(slices.Clone(r.Items), func(n model.Node) bool {
			timeless := n
			timeless.Age = nil
			return !s.differs("node/"+n.Name, timeless)
		})
		if len(part.Items) == 0 {
			return nil
		}
		return s.document(b, &part)
	case *model.MemberList:
		part := *r
		part.Items = slices.DeleteFunc(slices.Clone(r.Items), func(m model.Member) bool {
			return !s.differs("member/"+m.Name, m)
		})
		if len(part.Items) == 0 {
			return nil
		}
		return s.document(b, &part)
	case *model.Rollout:
		part := *r
		part.Items = slices.DeleteFunc(slices.Clone(r.Items), func(i model.RolloutItem) bool {
			timeless := i
			timeless.Age = nil
			return !s.differs("rollout/"+i.Name, timeless)
		})
		if len(part.Items) == 0 {
			return nil
		}
		return s.document(b, &part)
	case *model.EventList:
		if len(r.Items) == 0 {
			return nil
		}
	case *model.Status:
		timeless := *r
		timeless.ObservedAt = time.Time{}
		timeless.Nodes = slices.Clone(r.Nodes)
		for i := range timeless.Nodes {
			timeless.Nodes[i].Age = nil
		}
		timeless.Members = slices.Clone(r.Members)
		for i := range timeless.Members { // what moves with every write
			m := &timeless.Members[i]
			m.RaftIndex, m.RaftApplied, m.RaftLag, m.Revision, m.DBSize, m.DBSizeInUse, m.Volume = nil, nil, nil, nil, nil, nil, nil
		}
		if !s.differs("status", timeless) {
			return nil
		}
	case *model.Leader:
		timeless := *r
		timeless.ObservedAt = time.Time{}
		timeless.Candidates = slices.Clone(r.Candidates)
		for i := range timeless.Candidates {
			timeless.Candidates[i].Lag = nil
		}
		if !s.differs("leader", timeless) {
			return nil
		}
	default:
		return fmt.Errorf("follow %T: no such record", record)
	}
	return s.document(b, record)
}

// differs reports whether an item is not as it was when it was asked for last.
func (s *Stream) differs(key string, item any) bool {
	data, err := json.Marshal(item)
	if err != nil {
		return true
	}
	if s.last[key] == string(data) {
		return false
	}
	s.last[key] = string(data)
	return true
}

func (s *Stream) document(b *bytes.Buffer, record any) error {
	f, err := formOf(record)
	if err != nil {
		return err
	}
	if s.o.Format == YAML {
		b.WriteString("---\n")
		return writeYAML(b, f.data)
	}
	var indented bytes.Buffer
	if err := writeJSON(&indented, f.data); err != nil {
		return err
	}
	if err := json.Compact(b, indented.Bytes()); err != nil {
		return fmt.Errorf("print %T: %w", record, err)
	}
	b.WriteByte('\n')
	return nil
}

// sequence is a table that goes on: its headings stand once, and again when its
// columns have changed.
type sequence struct {
	heads  []string
	widths map[string]int // of the columns so far
	cells  map[string]string
	fresh  map[string]bool // names of the rows written last
}

// write appends the rows that look different from those of the same names before.
func (q *sequence) write(b *bytes.Buffer, t table, o Options) {
	if q.cells == nil {
		q.cells = make(map[string]string)
	}
	q.fresh = make(map[string]bool)
	var rows [][]string
	for _, row := range t.rows {
		var look strings.Builder
		for i, cell := range row {
			if h := t.heads[i].name; h != "AGE" && h != "LAG" {
				look.WriteString(h + "\x00" + cell + "\x00")
			}
		}
		if q.cells[row[0]] != look.String() {
			q.cells[row[0]] = look.String()
			q.fresh[row[0]] = true
			rows = append(rows, row)
		}
	}
	q.append(b, t, rows, o)
}

// append writes rows of t.
func (q *sequence) append(b *bytes.Buffer, t table, rows [][]string, o Options) {
	if len(rows) == 0 {
		return
	}
	if q.widths == nil {
		q.widths = make(map[string]int)
	}
	for i, h := range t.heads {
		q.widths[h.name] = max(q.widths[h.name], len(h.name))
		for _, row := range rows {
			q.widths[h.name] = max(q.widths[h.name], twwidth.Width(row[i]))
		}
	}
	if heads := t.names(); !slices.Equal(q.heads, heads) && !slices.Equal(q.heads, withoutReason(heads)) {
		q.heads = withoutReason(heads)
		if !o.NoHeaders {
			q.line(b, heads, t, false)
		}
	}
	for _, row := range rows {
		q.line(b, row, t, o.Color)
	}
}

// withoutReason leaves out the column that comes and goes with what it says.
func withoutReason(heads []string) []string {
	return slices.DeleteFunc(slices.Clone(heads), func(h string) bool { return h == "REASON" })
}

func (q *sequence) line(b *bytes.Buffer, cells []string, t table, color bool) {
	for i, cell := range cells {
		text := cell
		if color && t.heads[i].look == state {
			text = paint(cell)
		}
		b.WriteString(text)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", max(q.widths[t.heads[i].name]-twwidth.Width(cell), 0)+gap))
		}
	}
	b.WriteByte('\n')
}
