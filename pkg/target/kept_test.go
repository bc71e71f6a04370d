package target_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

func TestKeptTargetIsFoundResolvedAndForgotten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var unknown *target.UnknownError
	if _, err := target.Find(dir, "lab"); !errors.As(err, &unknown) || unknown.Name != "lab" {
		t.Errorf("nothing is kept, and Find says %v", err)
	}
	lab := target.Choice{Name: "lab", Endpoints: "http://a:1,http://b:2"}
	for _, c := range []target.Choice{lab, {Name: "alpha", Endpoints: "http://c:3"}, {Name: "lab", Endpoints: "http://x:9"}, lab} {
		if err := target.Keep(dir, c); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := target.Kept(dir)
	if err != nil || len(kept) != 2 || kept[0].Name != "alpha" || kept[1] != lab {
		t.Errorf("kept %+v, %v; want alpha and the last lab, by name", kept, err)
	}
	if err := target.SetCurrent(dir, lab); err != nil {
		t.Fatal(err)
	}
	got, err := target.Resolve(t.Context(), target.Options{StateDir: dir})
	if err != nil || !slices.Equal(got.Etcd.Endpoints, []string{"http://a:1", "http://b:2"}) || !strings.HasPrefix(got.Name, "lab, ") {
		t.Errorf("resolved %+v, %v", got, err)
	}
	if err := target.Forget(dir, "lab"); err != nil {
		t.Error(err)
	}
	if err := target.Forget(dir, "lab"); !errors.As(err, &unknown) {
		t.Errorf("forgotten twice: %v", err)
	}
}

func TestTargetThatCouldNotBeUsedIsNotKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var invalid *target.InvalidError
	for _, c := range []target.Choice{
		{Name: "local", Endpoints: "http://a:1"},
		{Name: "none", Endpoints: "http://a:1"},
		{Name: "Bad_Name", Endpoints: "http://a:1"},
		{Name: "", Endpoints: "http://a:1"},
		{Name: "lab", Endpoints: "nonsense"},
		{Name: "lab", Endpoints: "http://a:1", CACert: "missing"},
	} {
		if err := target.Keep(dir, c); !errors.As(err, &invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if kept, err := target.Kept(dir); err != nil || len(kept) != 0 {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "targets.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := target.Kept(dir); err == nil || !strings.Contains(err.Error(), "targets.json") {
		t.Errorf("a corrupt file is told as %v", err)
	}
}
