package configpush_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const editable = `apiVersion: monitor/v1alpha1
kind: ConfigList
items:
- host: node-1
  revision: 5
  config:
    interval: 10
`

func TestProblemsOfAnEditStandOnTopWithTheirLines(t *testing.T) {
	body := strings.Replace(editable, "10", "0\n    ttl: x", 1)
	shown := []model.ConfigItem{item("node-1", `{"interval": 10}`)}
	_, _, err := configpush.Edited([]byte(body), "edit.yaml", shown)
	var invalid *configpush.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 2 {
		t.Fatalf("%v, want two problems", err)
	}
	text, problems := configpush.EditText([]byte(body), invalid.Problems)
	lines := strings.Split(string(text), "\n")
	for i, word := range []string{"interval: 0", "ttl: x"} {
		at := problems[i].Line
		if at < 1 || at > len(lines) || !strings.Contains(lines[at-1], word) {
			t.Errorf("problem %q is said to be on line %d of:\n%s", problems[i], at, text)
		}
		if !strings.Contains(string(text), "#   "+problems[i].String()+"\n") {
			t.Errorf("%q is not on top of:\n%s", problems[i], text)
		}
	}
	if got := configpush.EditedBody(text); string(got) != body {
		t.Errorf("body is\n%s", got)
	}
	if first, none := configpush.EditText([]byte(editable), nil); len(none) != 0 || string(configpush.EditedBody(first)) != editable {
		t.Errorf("without problems:\n%s", first)
	}
}

func TestEditIsBasedOnWhatWasShown(t *testing.T) {
	shown := []model.ConfigItem{item("node-1", `{"interval": 10}`), {Host: "node-2"}}
	both := editable + "- host: node-2\n  config: null\n"
	wanted, _, err := configpush.Edited([]byte(both), "edit.yaml", shown)
	if err != nil || len(wanted) != 2 {
		t.Fatalf("%+v, %v", wanted, err)
	}
	// Revision 5 in the file is what the user made of it.
	if *wanted[0].Base != 7 || *wanted[1].Base != 0 || !wanted[1].Delete {
		t.Errorf("%+v", wanted)
	}
	// What was taken out is left alone; what was not opened is refused.
	if wanted, _, err = configpush.Edited([]byte(editable), "edit.yaml", shown); err != nil || len(wanted) != 1 {
		t.Errorf("one taken out: %+v, %v", wanted, err)
	}
	var invalid *configpush.InvalidError
	if _, _, err = configpush.Edited([]byte(both), "edit.yaml", shown[:1]); !errors.As(err, &invalid) || !contains(err, `"node-2"`) {
		t.Errorf("another host: %v", err)
	}
	// The bare config will do where it can only be one host's.
	if wanted, _, err = configpush.Edited([]byte("interval: 2\n"), "edit.yaml", shown[:1]); err != nil || wanted[0].Host != "node-1" {
		t.Errorf("bare: %+v, %v", wanted, err)
	}
	if _, _, err = configpush.Edited([]byte("interval: 2\n"), "edit.yaml", shown); !errors.As(err, &invalid) {
		t.Errorf("bare, of two: %v", err)
	}
}
