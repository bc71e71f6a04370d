package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/cmd"
)

// TestGeneratedFilesSayWhatTheCommandsSay compares completions/ and docs/cli with
// the commands; with -update it writes them anew.
func TestGeneratedFilesSayWhatTheCommandsSay(t *testing.T) {
	for dir, generate := range map[string]func(string) error{
		"../completions": cmd.WriteCompletions,
		"../docs/cli":    cmd.WriteReference,
	} {
		if *update {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := generate(dir); err != nil {
				t.Fatal(err)
			}
			continue
		}
		fresh := t.TempDir()
		if err := generate(fresh); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(files(t, fresh), files(t, dir)); diff != "" {
			t.Errorf("%s is not what the commands say, run make generate (-commands +files):\n%s", dir, diff)
		}
	}
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	contents := make(map[string]string)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		contents[e.Name()] = string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	}
	return contents
}
