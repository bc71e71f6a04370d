package view

import (
	"fmt"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// epoch is when every test begins.
var epoch = time.Unix(1763690000, 0)

// world is a view and a clock that moves only when told to.
type world struct {
	*View
	t   *testing.T
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: epoch}
	w.View = New(func() time.Time { return w.now })
	return w
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// put lets the observer see a heartbeat as it is put, on a lease.
func (w *world) put(name, value string) {
	w.PutHeartbeat(name, model.CheckHost(name), Heartbeat{Value: []byte(value), Leased: true})
}

func (w *world) configure(name, value string, revision int64) {
	var badName error
	if name != model.DefaultHost {
		badName = model.CheckHost(name)
	}
	w.PutConfig(name, badName, []byte(value), revision)
}

// row returns the row of a node, which must be there.
func (w *world) row(name string) model.Node {
	w.t.Helper()
	for _, n := range w.Nodes() {
		if n.Name == name {
			return n
		}
	}
	w.t.Fatalf("there is no row of %q", name)
	return model.Node{}
}

// want checks state and reason of a node.
func (w *world) want(name string, state model.NodeState, reason string) {
	w.t.Helper()
	if n := w.row(name); n.State != state || n.Reason != reason {
		w.t.Errorf("%q is %s, reason %q;\nwant %s, reason %q", name, n.State, n.Reason, state, reason)
	}
}

// wantNames checks that there are rows of these nodes and no others, in this order.
func (w *world) wantNames(names ...string) {
	w.t.Helper()
	got := []string{}
	for _, n := range w.Nodes() {
		got = append(got, n.Name)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", names) {
		w.t.Errorf("rows of %q, want %q", got, names)
	}
}

func (w *world) wantAge(name string, age time.Duration) {
	w.t.Helper()
	if n := w.row(name); n.Age == nil || *n.Age != age.Seconds() {
		w.t.Errorf("age of %q is %v, want %v", name, n.Age, age)
	}
}

// alive is a heartbeat of the time of the world plus ahead, with more fields.
func (w *world) alive(ahead time.Duration, fields string) string {
	return w.beat(model.StatusAlive, ahead, fields)
}

func (w *world) beat(status model.HeartbeatStatus, ahead time.Duration, fields string) string {
	ts := w.now.Add(ahead)
	return fmt.Sprintf(`{"status":%q,"ts":%d.%09d%s}`, status, ts.Unix(), ts.Nanosecond(), fields)
}

// promised25 is what an agent of ours adds at an interval of 10 s.
const promised25 = `,"interval":10,"silence":25,"ttl":5`

const leaseEnded = "its lease ended"
