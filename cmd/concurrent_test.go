package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// cluster is a local cluster of a test, with a way to run commands on it.
type cluster struct {
	testing.TB
	program string
	env     []string
}

// upped starts a local cluster that lasts as long as the test.
func upped(t testing.TB, program string, args ...string) *cluster {
	t.Helper()
	dir := t.TempDir()
	c := &cluster{t, program, append(os.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir, "GORACE="+quickExit)}
	t.Cleanup(func() { c.run("local", "down") })
	c.run(append([]string{"local", "up"}, args...)...)
	return c
}

// run runs a command that must succeed, and returns its standard output.
func (c *cluster) run(args ...string) []byte {
	c.Helper()
	out, err := c.command(c.program, args...).Output()
	if err != nil {
		c.Errorf("%s %v: %v", c.program, args, err)
	}
	return out
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	e := exec.Command(program, args...)
	e.Env = c.env
	return e
}

func TestOfFiftyConcurrentAppliesJustOneSucceeds(t *testing.T) {
	t.Parallel()
	const pushers = 50
	c := upped(t, program, "--members", "1", "--agents", "0")
	file := func(i int) string {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.json", i))
		if err := os.WriteFile(path, fmt.Appendf(nil, `{"interval": %d}`, i+1), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c.run("config", "apply", "--host", "node-1", "--yes", "-f", file(1000))
	stored := func() model.ConfigItem {
		var list model.ConfigList
		if err := json.Unmarshal(c.run("config", "get", "-o", "json"), &list); err != nil {
			t.Fatal(err)
		}
		return list.Items[0]
	}
	base := stored().Revision

	codes := make([]int, pushers)
	var pushing sync.WaitGroup
	for i := range pushers {
		path := file(i)
		pushing.Go(func() {
			codes[i] = code(c.command(program, "config", "apply", "--host", "node-1", "--yes",
				"-f", path, "--if-revision", fmt.Sprint(base)).Run())
		})
	}
	pushing.Wait()
	winner := -1
	for i, code := range codes {
		switch {
		case code == 0 && winner < 0:
			winner = i
		case code == 0:
			t.Errorf("pushes %d and %d both succeeded", winner, i)
		case code != 6:
			t.Errorf("push %d exits with %d, want 6", i, code)
		}
	}
	var got model.Config
	if err := json.Unmarshal(stored().Config, &got); err != nil {
		t.Fatal(err)
	}
	if winner < 0 || got.Interval == nil || int(*got.Interval) != winner+1 {
		t.Errorf("stored is %s, the winner is push %d", stored().Config, winner)
	}
}
