package target_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

const currentFile = "target.json"

func TestCurrentTargetIsKeptUntilItIsCleared(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	want := func(c target.Choice) {
		t.Helper()
		if got, err := target.Current(dir); err != nil || got != c {
			t.Errorf("current is %+v, %v; want %+v", got, err, c)
		}
	}
	set := func(c target.Choice) {
		t.Helper()
		if err := target.SetCurrent(dir, c); err != nil {
			t.Error(err)
		}
	}
	want(target.Choice{})
	set(target.Choice{}) // clearing nothing is no error
	for _, local := range []string{"/a", "/b", "/with a space and \"quotes\""} {
		set(target.Choice{Local: local})
		want(target.Choice{Local: local})
	}
	for path, mode := range map[string]fs.FileMode{dir: 0o700 | fs.ModeDir, filepath.Join(dir, currentFile): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), mode)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the state directory holds %v, %v; want one file", left, err)
	}
	set(target.Choice{})
	want(target.Choice{})
	set(target.Choice{})
}

func TestCorruptCurrentTargetIsNamed(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "{", `{"local": 5}`, "[]", "\x00\x01"} {
		dir := t.TempDir()
		path := filepath.Join(dir, currentFile)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"Current": second(target.Current(dir)),
			"Resolve": second(target.Resolve(t.Context(), target.Options{StateDir: dir})),
		} {
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%q: %s says %v, which does not name %s", content, what, err, path)
			}
		}
		if err := target.SetCurrent(dir, target.Choice{Local: "/a"}); err != nil {
			t.Errorf("%q cannot be replaced: %v", content, err)
		}
	}
}

func TestCurrentTargetThatCannotBeReadOrWrittenIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, currentFile)
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := target.Current(dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("reading a directory says %v", err)
	}
	for _, c := range []target.Choice{{}, {Local: "/a"}} {
		if err := target.SetCurrent(dir, c); err == nil {
			t.Errorf("setting %+v over a directory is no error", c)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("a failed write leaves %v, %v", left, err)
	}
}

func second[T any](_ T, err error) error { return err }
