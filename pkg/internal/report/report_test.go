package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const blank = "# How fast\n\nbefore\n" + beginMark + "\n" + endMark + "\nafter\n"

// printed is what `go test` prints of the push's benchmark.
const printed = `goos: linux
cpu: Some CPU
BenchmarkPushToApplied-2   	     500	   1000000 ns/op	         0.954 ms-p50	       120.4 ms-p99
PASS
`

func write(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t *testing.T, text string) *document {
	t.Helper()
	d, err := open(write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func found(out string) findings {
	f := findings{values: make(map[figure][]float64)}
	f.read(strings.NewReader(out))
	return f
}

// lineOf finds the line of a row.
func lineOf(t *testing.T, text, what string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| "+what+" | ") {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no row %q in\n%s", what, text)
	return ""
}

const medianRow, tailRow = "push of a config until an observer sees it applied, median", "push of a config until an observer sees it applied, 99 %"

func TestRowsShowBothFiguresTheirRatioAndWhetherTheGoalIsMet(t *testing.T) {
	d := opened(t, blank)
	d.take(push(), found(printed))
	got := d.String()
	command := "`go test ./pkg/agent -run XXX -bench 'PushToApplied$' -benchtime 500x`"
	if line, want := lineOf(t, got, medianRow), "| "+medianRow+" | 0.954 ms | 20 ms, the goal | 0.0477 | at most 20 ms: met | "+command+" |"; line != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
	if line, want := lineOf(t, got, tailRow), "| "+tailRow+" | 120 ms | 100 ms, the goal | 1.2 | at most 100 ms: **missed** | the same run |"; line != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
	if !strings.HasPrefix(got, "# How fast\n\nbefore\n"+beginMark) || !strings.HasSuffix(got, endMark+"\nafter\n") {
		t.Errorf("what is around the figures has changed:\n%s", got)
	}
	if !strings.Contains(got, "(Some CPU)") {
		t.Errorf("the processor is not named:\n%s", got)
	}
}

func TestAPartAloneLeavesTheOtherRowsAndTheMachineAsTheyAre(t *testing.T) {
	whole := opened(t, blank)
	for _, p := range parts() {
		whole.take(p, findings{err: errors.New("as it was | before")})
	}
	before := whole.String()
	again := opened(t, before)
	again.take(push(), found(printed))
	got := again.String()
	if line := lineOf(t, got, medianRow); !strings.Contains(line, "0.954 ms") {
		t.Errorf("not measured anew: %s", line)
	}
	for _, p := range parts() {
		for _, r := range p.rows {
			if p.name == push().name {
				continue
			}
			if line := lineOf(t, got, r.what); line != lineOf(t, before, r.what) {
				t.Errorf("%s: has changed to %s", r.what, line)
			}
		}
	}
	for _, line := range whole.machine.lines() {
		if !strings.Contains(got, line) {
			t.Errorf("%q is gone", line)
		}
	}
	third := opened(t, got)
	third.take(push(), found(printed))
	if n := strings.Count(third.String(), "`push` alone"); n != 1 {
		t.Errorf("told %d times that the part was measured again", n)
	}
}

func TestRowsOfAPartThatFailsSayWhy(t *testing.T) {
	out := "BenchmarkPushToApplied\n--- FAIL: BenchmarkPushToApplied\n    bench_test.go:41: the watch ended | for good\nFAIL\n"
	f := found(out)
	f.err = reason([]byte(out), errors.New("exit status 1"))
	d := opened(t, blank)
	d.take(push(), f)
	if line := lineOf(t, d.String(), medianRow); !strings.Contains(line, `failed: the watch ended \| for good`) {
		t.Errorf("got %s", line)
	}
	f = found("")
	f.skipped = complaint([]byte("--- SKIP: BenchmarkX\n    x_test.go:4: it is not installed\n"), "SKIP")
	d.take(push(), f)
	if line := lineOf(t, d.String(), medianRow); !strings.Contains(line, "not measured: it is not installed") {
		t.Errorf("got %s", line)
	}
}

func TestWhereTheFiguresGoMustBeMarked(t *testing.T) {
	for _, text := range []string{"no marks\n", endMark + beginMark} {
		if _, err := open(write(t, text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// By its name a part is chosen, and by its first cell a row is found again.
func TestPartsAndRowsHaveNamesOfTheirOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range parts() {
		names := []string{p.name}
		for _, r := range p.rows {
			names = append(names, r.what)
			if r.peer.name == "" && !r.goal.set {
				t.Errorf("%s: stands beside nothing", r.what)
			}
		}
		for _, name := range names {
			if seen[name] {
				t.Errorf("%q is there twice", name)
			}
			seen[name] = true
		}
	}
	if _, err := choose(parts(), []string{"no-such-part"}); err == nil {
		t.Error("a part that is not there was chosen")
	}
}

func TestSeveralRunsOfABenchmarkCountByTheirMedian(t *testing.T) {
	f := found("BenchmarkX/a-2 1 5 MB-most\nBenchmarkX/a-2 1 1000 MB-most\nBenchmarkX/a-2 1 7 MB-most\n")
	if got, err := f.value(figure{"X/a", "MB-most"}); err != nil || got != 7 {
		t.Errorf("median %v, %v", got, err)
	}
}

func TestNumbersHaveThreeDigitsThatCount(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.19437: "0.194", 13.66: "13.7", 204_512: "205,000", 1831.6: "1,830", 20: "20", 3: "3"} {
		if got := number(v); got != want {
			t.Errorf("%v is shown as %s, want %s", v, got, want)
		}
	}
}
