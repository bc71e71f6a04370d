package printer

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestSanitizeShowsWhatItTakesAway(t *testing.T) {
	for in, want := range map[string]string{
		"node-1 (ok)":        "node-1 (ok)",
		"Größe 集群 é":         "Größe 集群 é",
		"\x1b[31mred\x1b[m":  `\x1b[31mred\x1b[m`,
		"a\r\nb\tc\x00\x7f":  `a\r\nb\tc\x00\x7f`,
		"\u009b31m":          `\u009b31m`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"\u2066\u2028\ufeff": `\u2066\u2028\ufeff`,
		"zero\u200bwidth":    `zero\u200bwidth`,
		"\xff\xc3(":          `\xff\xc3(`,
		"\U000e0041":         `\U000e0041`,
		"\u00a0":             `\u00a0`,
	} {
		if got := Sanitize(in); got != want {
			t.Errorf("Sanitize(%+q) = %s, want %s", in, got, want)
		}
	}
}

func TestCellCutsOnlyWhatIsLongerThanAnyName(t *testing.T) {
	longest := strings.Repeat("x", model.MaxHostLength)
	if maxCell != model.MaxHostLength || Cell(longest) != longest {
		t.Error("a legal host name was cut")
	}
	for _, s := range []string{longest + "y", strings.Repeat("集", 5000), strings.Repeat("\x1b", 5000), strings.Repeat("\U0001f600", 254)} {
		got := Cell(s)
		if n := utf8.RuneCountInString(got); n != maxCell || !strings.HasSuffix(got, ellipsis) {
			t.Errorf("%d runes, ending in %q", n, got[len(got)-3:])
		}
	}
}

// TestNothingHostileReachesTheTerminal goes through every format of every
// record that can carry a stranger's words.
func TestNothingHostileReachesTheTerminal(t *testing.T) {
	nodes := nodeList(hostileNodes())
	status := statusOf(hostileText, fineMembers(), hostileNodes())
	status.Target, status.Leader.Name = hostileText, hostileText
	status.Reasons, status.Errors = []string{hostileText}, []string{hostileText}
	members := memberList([]model.Member{{Name: hostileText, Role: hostileText, State: hostileText, Version: hostileText,
		Reason: hostileText, Endpoint: hostileText, Alarms: []string{hostileText}, Errors: []string{hostileText}}})
	lead := leader(members.Items, model.LeaderInfo{Name: hostileText})
	lead.Errors = []string{hostileText}
	replica := model.Aggregator{Name: hostileText, Instance: hostileText, Address: hostileText, Version: hostileText}
	lead.Aggregator = model.AggregatorLeader{
		State: model.Leads, Leader: &replica, Standbys: []model.Aggregator{replica},
		Changes: []model.Event{{Leader: hostileText, Previous: hostileText, Cause: hostileText}},
	}
	status.Aggregator = lead.Aggregator
	configs := configList()
	for _, stored := range []string{`{"` + "\u202e\u009b\x7f\xff" + `":"` + "\u009b\U000e0041" + `"}`, hostileText, "{", `[1,`, ""} {
		configs.Items = append(configs.Items, model.ConfigItem{Host: hostileText, Revision: 1, Config: []byte(stored), Error: hostileText})
	}
	processes := processList()
	processes.Items[0].Name, processes.Items[0].Reason, processes.Items[0].Log = hostileText, hostileText, hostileText

	events := eventList(hostileEvents()...)

	for _, record := range []any{nodes, status, members, lead, configs, processes, events} {
		for _, look := range looks() {
			look.Color = false
			out := string(show(t, record, look.Options))
			if !utf8.ValidString(out) {
				t.Errorf("%T, %s: not UTF-8", record, look.name)
			}
			for _, r := range out {
				if r != '\n' && !strconv.IsPrint(r) {
					t.Errorf("%T, %s: %U", record, look.name, r)
				}
			}
		}
	}
}
