package printer

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	twwidth.SetEastAsian(false) // whatever the locale of who runs the tests
	m.Run()
}

func records() map[string]any {
	lead := model.LeaderInfo{Name: "etcd-1", ID: "8e9e05c521646941", Term: 12}
	return map[string]any{
		"status":           statusOf(model.Healthy, fineMembers(), fineNodes()),
		"status-troubled":  troubledStatus(),
		"status-unknown":   unknownStatus(),
		"status-large":     largeStatus(),
		"status-empty":     &model.Status{TypeMeta: meta(model.KindStatus), Verdict: model.Unknown},
		"nodes":            nodeList(fineNodes()),
		"nodes-troubled":   nodeList(troubledNodes()),
		"nodes-hostile":    nodeList(hostileNodes()),
		"nodes-empty":      nodeList(nil),
		"members":          memberList(fineMembers()),
		"members-troubled": memberList(troubledMembers()),
		"members-empty":    memberList(nil),
		"members-kube":     memberList(kubernetesMembers()),
		"nodes-kube":       nodeList(kubernetesNodes()),
		"status-kube":      statusOf(model.Degraded, kubernetesMembers(), kubernetesNodes()),
		"leader":           leader(fineMembers(), lead),
		"leader-none":      leader(troubledMembers()[1:2], model.LeaderInfo{}),
		"configs":          configList(),
		"configs-empty":    &model.ConfigList{TypeMeta: meta(model.KindConfigList)},
		"history":          configHistory(),
		"history-empty":    &model.ConfigHistory{TypeMeta: meta(model.KindConfigHistory), Host: "node-1"},
		"rollout":          rolloutOf(),
		"rollout-empty":    &model.Rollout{TypeMeta: meta(model.KindRollout)},
		"events":           eventList(someEvents()...),
		"events-hostile":   eventList(hostileEvents()...),
		"events-empty":     eventList(),
		"drill":            soundDrill(),
		"drill-broken":     brokenDrill(),
		"drill-graceful":   gracefulDrill(),
		"drill-empty":      &model.Drill{TypeMeta: meta(model.KindDrill)},
		"bench-agents":     soundBench(),
		"bench-broken":     brokenBench(),
		"bench-etcd":       etcdBench(),
		"processes":        processList(),
		"processes-empty":  &model.ProcessList{TypeMeta: meta(model.KindProcessList)},
	}
}

type namedOptions struct {
	name string
	Options
}

func looks() []namedOptions {
	return []namedOptions{
		{"table", Options{Format: Table}},
		{"table, 60 columns", Options{Format: Table, Width: 60}},
		{"table, 80 columns, color", Options{Format: Table, Width: 80, Color: true}},
		{"table, 200 columns", Options{Format: Table, Width: 200}},
		{"table, no headers", Options{Format: Table, NoHeaders: true}},
		{"wide", Options{Format: Wide}},
		{"wide, 80 columns", Options{Format: Wide, Width: 80}},
		{"name", Options{Format: Name}},
		{"yaml", Options{Format: YAML}},
		{"json", Options{Format: JSON}},
	}
}

func show(t testing.TB, record any, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Print(&b, record, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRecordsLookAsTheGoldenFilesSay(t *testing.T) {
	for name, record := range records() {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			for _, look := range looks() {
				got.WriteString("=== " + look.name + "\n")
				got.Write(show(t, record, look.Options))
			}
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("differs from %s, see -update (-want +got):\n%s", path, diff)
			}
		})
	}
}
