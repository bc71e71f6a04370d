package configpush_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// reporting is a node of ours that has applied a revision.
func reporting(applied, wanted int64) model.Node {
	return model.Node{Name: "node-1", State: model.NodeAlive, Age: new(1.0), Owner: "machine", Version: "v1", ConfigRevision: applied, WantedRevision: wanted}
}

func TestRolloutSaysHowFarTheConfigurationCame(t *testing.T) {
	with := func(n model.Node, change func(*model.Node)) model.Node { change(&n); return n }
	minute := noon.Add(-time.Minute)
	at := func(revision int64) configpush.Pushed { return configpush.Pushed{Revision: revision, At: minute} }
	gone := func(revision int64) configpush.Pushed {
		return configpush.Pushed{Revision: revision, At: minute, Deleted: true}
	}
	type row struct {
		State   model.RolloutState
		Wanted  int64
		Applied int64 // -1 for unknown
		Aged    bool
	}
	tests := map[string]struct {
		node     model.Node
		own, def configpush.Pushed
		want     row
	}{
		"nothing configured":  {node: reporting(0, 0), want: row{State: model.RolloutSynced}},
		"applied":             {reporting(42, 42), at(42), at(12), row{model.RolloutSynced, 42, 42, true}},
		"the default applied": {reporting(42, 42), at(12), at(42), row{model.RolloutSynced, 42, 42, true}},
		"by another client":   {reporting(42, 42), configpush.Pushed{Revision: 42}, at(12), row{model.RolloutSynced, 42, 42, false}},
		"not yet":             {reporting(41, 42), at(42), at(12), row{model.RolloutPending, 42, 41, true}},
		"rejected": {
			with(reporting(41, 42), func(n *model.Node) { n.ConfigRejected, n.ConfigError = true, "no" }),
			at(42), at(12), row{model.RolloutRejected, 42, 41, true},
		},
		"deletion applied":         {reporting(50, 12), gone(50), at(12), row{model.RolloutSynced, 50, 50, true}},
		"deletion not yet":         {reporting(42, 12), gone(50), at(12), row{model.RolloutPending, 50, 42, true}},
		"started after a deletion": {reporting(12, 12), gone(50), at(12), row{model.RolloutSynced, 12, 12, true}},
		"relisted after deletion":  {reporting(60, 12), gone(50), at(12), row{model.RolloutSynced, 50, 60, true}},
		"another kind of agent":    {model.Node{State: model.NodeAlive, Age: new(1.0), WantedRevision: 42}, at(7), at(42), row{model.RolloutOpaque, 7, -1, true}},
		"stale":                    {with(reporting(41, 42), func(n *model.Node) { n.State = model.NodeStale }), at(42), at(12), row{model.RolloutStale, 42, 41, true}},
		"dead":                     {model.Node{State: model.NodeDead, WantedRevision: 42}, at(42), at(12), row{model.RolloutDead, 42, -1, true}},
		"left":                     {with(reporting(42, 42), func(n *model.Node) { n.State = model.NodeLeft }), at(42), at(12), row{model.RolloutLeft, 42, 42, true}},
		"invalid":                  {model.Node{State: model.NodeInvalid}, configpush.Pushed{}, configpush.Pushed{}, row{model.RolloutInvalid, 0, -1, false}},
		"unknown":                  {with(reporting(42, 42), func(n *model.Node) { n.State = model.NodeUnknown }), configpush.Pushed{}, configpush.Pushed{}, row{model.RolloutUnknown, 42, 42, false}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.node.Name = "node-1"
			items := configpush.Rollout([]model.Node{tt.node}, map[string]configpush.Pushed{"node-1": tt.own, model.DefaultHost: tt.def}, noon)
			got := row{items[0].State, items[0].Wanted, -1, items[0].Age != nil}
			if items[0].Applied != nil {
				got.Applied = *items[0].Applied
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if got.Aged && *items[0].Age != 60 {
				t.Errorf("age %v", *items[0].Age)
			}
			if reason := items[0].Reason; (tt.want.State == model.RolloutRejected || tt.want.State == model.RolloutOpaque) && reason == "" {
				t.Error("no reason")
			}
		})
	}
}

func TestOnlyAgentsThatAreThereAreWaitedFor(t *testing.T) {
	behind := map[model.RolloutState]bool{
		model.RolloutPending: true, model.RolloutUnknown: true, model.RolloutStale: true,
		model.RolloutSynced: false, model.RolloutRejected: false, model.RolloutOpaque: false,
		model.RolloutDead: false, model.RolloutLeft: false, model.RolloutInvalid: false,
	}
	for state, want := range behind {
		item := model.RolloutItem{State: state, Wanted: 42, Applied: new(int64(41))}
		if item.Behind() != want {
			t.Errorf("%s: %v", state, item.Behind())
		}
	}
	if item := (model.RolloutItem{State: model.RolloutStale, Wanted: 42, Applied: new(int64(42))}); item.Behind() {
		t.Error("a silent agent that has applied it is waited for")
	}
}

func TestPushedTellsTheLastChangeOfEveryHost(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	r1 := a.push(want("ours", `{}`), want("gone", `{}`), want("theirs", `{}`), want("erased", `{}`), want(model.DefaultHost, `{}`))
	r2 := a.push(remove("gone"))
	p := put(t, cli, keys.Config("theirs"), `{"ttl": 5}`)
	erase(t, cli, "erased")
	got, err := a.Pushed(t.Context(), []string{"ours", "gone", "theirs", "erased", "none"})
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]configpush.Pushed{
		model.DefaultHost: {Revision: r1.Revision, At: noon},
		"ours":            {Revision: r1.Revision, At: noon},
		"gone":            {Revision: r2.Revision, At: noon, Deleted: true},
		"theirs":          {Revision: p},
	}
	if d := cmp.Diff(wanted, got); d != "" {
		t.Error(d)
	}
}
