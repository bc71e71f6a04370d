package aggregator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// hostile is what a key or a heartbeat may hold.
const hostile = "a\"b\\\n\x1b[31m\u009b\u202e<&>\xff"

func TestAPIAnswersTheRecordsThatCommandsPrint(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	for key, value := range map[string]string{
		keys.Heartbeat("node-1"):     beat(t),
		keys.Heartbeat("node-2"):     fmt.Sprintf(`{"status":"alive","ts":%d,"errors":{"cpu":"no \u001b[31m <b>cpu"}}`, time.Now().Unix()),
		keys.HeartbeatPrefix + "A b": hostile,
	} {
		if _, err := cli.Put(t.Context(), key, value); err != nil {
			t.Fatal(err)
		}
	}
	v := seeing(t, c, "node-3")
	v.until(t, "the nodes", func() bool { return len(v.Nodes().Items) == 4 })
	node, _ := v.Node("node-2")
	events := eventsOfEachType()
	r := serving(t, v, events...)

	for path, record := range map[string]any{
		"status":       v.Status(),
		"nodes":        v.Nodes(),
		"nodes/node-2": v.ListOf([]model.Node{node}),
		"members":      v.Members(),
		"events":       &model.EventList{TypeMeta: model.NewTypeMeta(model.KindEventList, "test", time.Now()), Items: events},
	} {
		code, body := r.get(t, "/api/v1/"+path)
		var printed bytes.Buffer
		if err := printer.Print(&printed, record, printer.Options{Format: printer.JSON}); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if diff := cmp.Diff(document(t, printed.Bytes()), document(t, body)); diff != "" || code != http.StatusOK {
			t.Errorf("%s: %d (-printed +answered):\n%s", path, code, diff)
		}
	}
}

// document is JSON as any reader has it, without what moves from one moment to
// the next.
func document(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	forget(doc, "observedAt", "age", "raftIndex", "raftAppliedIndex", "raftLag", "dbSize", "dbSizeInUse", "revision")
	return doc
}

// forget makes the named fields of a document null, wherever they are.
func forget(doc any, names ...string) {
	switch v := doc.(type) {
	case map[string]any:
		for _, name := range names {
			if _, ok := v[name]; ok {
				v[name] = nil
			}
		}
		for _, inner := range v {
			forget(inner, names...)
		}
	case []any:
		for _, inner := range v {
			forget(inner, names...)
		}
	}
}

// eventsOfEachType numbers one event of each type, an hour apart from the next,
// the last of them now.
func eventsOfEachType() []model.Event {
	types := model.EventTypes()
	var events []model.Event
	for i, eventType := range types {
		e := model.Event{
			Seq: int64(i + 1), Type: eventType, Time: time.Now().UTC().Add(-time.Duration(len(types)-i-1) * time.Hour), Term: 1, By: "a-1",
		}
		if eventType != model.EventLeader && eventType != model.EventGap {
			e.Host, e.Revision = "node-1", int64(100+i)
		}
		events = append(events, e)
	}
	return events
}

func TestEventsAreFiltered(t *testing.T) {
	t.Parallel()
	events := eventsOfEachType()
	n := len(events)
	r := serving(t, fixed(), events...)
	types := func(list []model.Event) (found []model.EventType) {
		for _, e := range list {
			found = append(found, e.Type)
		}
		return found
	}
	for query, want := range map[string][]model.Event{
		"":                              events,
		"since=0":                       events,
		"since=3":                       events[3:],
		"since=999":                     {},
		"since=90m":                     events[n-2:],
		"since=9999h":                   events,
		"type=died":                     events[2:3],
		"type=joined,Died":              {events[0], events[2]},
		"type=joined&type=left":         events[:2],
		"host=node-1":                   events[:6],
		"host=node-2":                   {},
		"host=node-1&since=2&type=left": {},
	} {
		code, body := r.get(t, "/api/v1/events?"+query)
		var list model.EventList
		if err := json.Unmarshal(body, &list); err != nil || code != http.StatusOK || list.Items == nil || list.Kind != model.KindEventList {
			t.Errorf("%q: %d, %v in %s", query, code, err, body)
		}
		if diff := cmp.Diff(types(want), types(list.Items)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}

func TestNodesAreChosenByState(t *testing.T) {
	t.Parallel()
	v := fixed()
	v.status.Nodes = []model.Node{{Name: "a", State: model.NodeAlive}, {Name: "b", State: model.NodeDead}, {Name: "c", State: model.NodeStale}}
	r := serving(t, v)
	for query, want := range map[string]string{
		"": "a b c", "state=Dead": "b", "state=dead,STALE": "b c", "state=Dead&state=Alive": "a b", "state=Left": "",
	} {
		code, body := r.get(t, "/api/v1/nodes?"+query)
		var list model.NodeList
		if err := json.Unmarshal(body, &list); err != nil || code != http.StatusOK || list.Items == nil {
			t.Errorf("%q: %d, %v in %s", query, code, err, body)
		}
		var names []string
		for _, n := range list.Items {
			names = append(names, n.Name)
		}
		if got := strings.Join(names, " "); got != want || list.Counts.Total != len(names) {
			t.Errorf("%q: nodes %q, counted %+v, want %q", query, got, list.Counts, want)
		}
	}
}

func TestWhatCannotBeAnsweredIsToldAsJSONWithItsReason(t *testing.T) {
	t.Parallel()
	v := fixed()
	r := serving(t, v)
	for _, tc := range []struct {
		method, path string
		code         int
		reason       string
	}{
		{"GET", "/", 404, `there is nothing at "/"`},
		{"GET", "/api/v1", 404, `there is nothing at "/api/v1"`},
		{"GET", "/api/v1/nodes/", 404, "nothing at"},
		{"GET", "/api/v1/nodes/a/b", 404, "nothing at"},
		{"GET", "/api/v1/secrets", 404, "nothing at"},
		{"GET", "/metrics/x", 404, "nothing at"},
		{"GET", "/..%2f..%2fetc%2fpasswd", 404, "nothing at"},
		{"POST", "/api/v1/nodes", 405, `method "POST" is not allowed, only GET and HEAD`},
		{"DELETE", "/api/v1/nodes/node-1", 405, "is not allowed"},
		{"OPTIONS", "/metrics", 405, "is not allowed"},
		{"POST", "/lifeline", 405, "is not allowed"},
		{"PUT", "/nowhere", 405, "is not allowed"},
		{"GET", "/api/v1/nodes/node-9", 404, "no such node: node-9"},
		{"GET", "/api/v1/nodes/Node-1", 400, `host name "Node-1": only lower case is allowed`},
		{"GET", "/api/v1/nodes/..%2f..%2fetc%2fpasswd", 400, "a label between dots may not be empty"},
		{"GET", "/api/v1/nodes/%00", 400, "is not allowed"},
		{"GET", "/api/v1/nodes/" + strings.Repeat("a", 300), 400, "at most 253 bytes"},
		{"GET", "/api/v1/nodes?state=Ded", 400, `state is not "Ded"; known: Alive, Left, Unknown, Invalid, Stale, Dead`},
		{"GET", "/api/v1/nodes?stat=Dead", 400, `unknown parameter "stat"; known: state`},
		{"GET", "/api/v1/status?x=1", 400, `unknown parameter "x"; there are none here`},
		{"GET", "/api/v1/nodes?%zz", 400, "read the parameters"},
		{"GET", "/api/v1/events?type=dead", 400, `type is not "dead"; known: joined, left, died, returned, applied, rejected, leader, gap`},
		{"GET", "/api/v1/events?host=A", 400, "only lower case is allowed"},
		{"GET", "/api/v1/events?since=yesterday", 400, `since is the number of an event or a time such as 90s or 2h, not "yesterday"`},
		{"GET", "/api/v1/events?since=-5", 400, "since is"},
		{"GET", "/api/v1/events?since=-5m", 400, "since is"},
	} {
		req := httptest.NewRequest(tc.method, tc.path, http.NoBody)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != tc.code || !strings.Contains(reasonIn(t, w.Body.Bytes()), tc.reason) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %.80s: %d, %q", tc.method, tc.path, w.Code, w.Body)
		}
		if allow := w.Header().Get("Allow"); (tc.code == 405) != (allow == "GET, HEAD") {
			t.Errorf("%s %.80s: it allows %q", tc.method, tc.path, allow)
		}
	}
}

// reasonIn is the error in an answer that has nothing else.
func reasonIn(t *testing.T, body []byte) string {
	t.Helper()
	var answer map[string]string
	if err := json.Unmarshal(body, &answer); err != nil || len(answer) != 1 {
		t.Errorf("%v in the answer %s", err, body)
	}
	return answer["error"]
}

func TestEventsThatCannotBeReadAreToldWithTheReason(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	c.Members[0].Stop()
	v := fixed()
	r := newServer(&api{view: v, events: func(ctx context.Context) ([]model.Event, error) {
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err := cli.Get(ctx, keys.EventPrefix)
		return nil, err
	}}, newMetrics("test"), http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/events", http.NoBody))
	if reason := reasonIn(t, w.Body.Bytes()); w.Code != http.StatusServiceUnavailable || !strings.HasPrefix(reason, "read the events: ") {
		t.Errorf("%d, %q", w.Code, reason)
	}
}

func TestRecordThatJSONCannotSayIsAnErrorNotHalfARecord(t *testing.T) {
	t.Parallel()
	v := fixed()
	v.status.Nodes[0].Metrics = map[string]float64{"n": math.NaN()}
	code, body := serving(t, v).get(t, "/api/v1/nodes")
	if reason := reasonIn(t, body); code != http.StatusInternalServerError || !strings.HasPrefix(reason, "encode the record: ") {
		t.Errorf("%d, %s", code, body)
	}
}

func TestPathsThatClimbAreNotFollowed(t *testing.T) {
	t.Parallel()
	r := serving(t, fixed())
	for _, path := range []string{"/../../etc/passwd", "/api/v1/../../../etc/passwd", "//etc/passwd", "/api/v1/nodes/../../../etc/passwd"} {
		if code, body := r.get(t, path); code == http.StatusOK || bytes.Contains(body, []byte("root:")) {
			t.Errorf("%s: %d, %s", path, code, body)
		}
	}
}

func TestHEADAnswersAsGETDoesWithoutABody(t *testing.T) {
	t.Parallel()
	s := start(t, serving(t, fixed()))
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/nodes/node-1"} {
		resp, err := http.Head("http://" + s.address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: %s", path, resp.Status)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	s.stop()
	s.awaitEnd(t, stopWithin)
}

func TestViewThatIsNotFilledShowsNothing(t *testing.T) {
	t.Parallel()
	v := fixed()
	v.blind = true
	r := serving(t, v, eventsOfEachType()...)
	for _, path := range []string{"/readyz", "/api/v1/status", "/api/v1/nodes", "/api/v1/nodes/node-1", "/api/v1/members"} {
		if code, body := r.get(t, path); code != http.StatusServiceUnavailable || reasonIn(t, body) != errNotReady.Error() {
			t.Errorf("%s: %d, %s", path, code, body)
		}
	}
	if code, _ := r.get(t, "/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
	_, body := r.get(t, "/metrics")
	if !bytes.Contains(body, []byte("kubectl_monitor_store_readable 0\n")) || bytes.Contains(body, []byte("kubectl_monitor_nodes{")) {
		t.Errorf("metrics are %s", body)
	}
}

func TestReadinessFollowsTheStore(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	fleet(t, c, 2)
	v := seeing(t, c)
	v.until(t, "the nodes", func() bool { return v.Nodes().Counts.Alive == 2 })
	r := serving(t, v)
	if code, body := r.get(t, "/readyz"); code != http.StatusOK {
		t.Errorf("at first: %d, %s", code, body)
	}
	c.Members[0].Stop()
	v.until(t, "the loss of the store", func() bool { return v.Lost() != nil })
	code, body := r.get(t, "/readyz")
	if reason := reasonIn(t, body); code != http.StatusServiceUnavailable || !strings.HasPrefix(reason, "the store cannot be read: ") {
		t.Errorf("without a store: %d, %q", code, reason)
	}
	if code, _ := r.get(t, "/healthz"); code != http.StatusOK {
		t.Errorf("without a store, healthz: %d", code)
	}
	var list model.NodeList
	if code, body := r.get(t, "/api/v1/nodes?state=Unknown"); code != http.StatusOK || json.Unmarshal(body, &list) != nil || len(list.Items) != 2 {
		t.Errorf("without a store, nodes: %d, %s", code, body)
	}
	c.Members[0].Start()
	v.until(t, "the store again", func() bool { code, _ := r.get(t, "/readyz"); return code == http.StatusOK })
}
