package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"
)

// findings are what the benchmarks of a part have reported.
type findings struct {
	values  map[figure][]float64
	cpu     string // the processor's name
	skipped string // why something was left out
	err     error  // of commands that failed, whatever they reported before
}

// value is a figure's median.
func (f *findings) value(of figure) (float64, error) {
	values := slices.Sorted(slices.Values(f.values[of]))
	switch {
	case len(values) > 0:
		return values[len(values)/2], nil
	case f.err != nil:
		return 0, fmt.Errorf("failed: %w", f.err)
	case f.skipped != "":
		return 0, fmt.Errorf("not measured: %s", f.skipped)
	}
	return 0, fmt.Errorf("failed: Benchmark%s reports no %s", of.bench, of.unit)
}

// measure runs a part's commands and shows what they print.
func measure(ctx context.Context, p part, progress io.Writer) findings {
	found := findings{values: make(map[figure][]float64)}
	for _, c := range p.commands {
		fmt.Fprintln(progress, c)
		var out bytes.Buffer
		run := exec.CommandContext(ctx, "go", append([]string{"test"}, c.args...)...)
		run.Env = append(os.Environ(), c.env...)
		run.Stdout, run.Stderr = io.MultiWriter(&out, progress), progress
		run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
		run.WaitDelay = 10 * time.Second
		if err := run.Run(); err != nil {
			found.err = errors.Join(found.err, reason(out.Bytes(), err))
		}
		if why := complaint(out.Bytes(), "SKIP"); why != "" {
			found.skipped = why
		}
		found.read(&out)
	}
	return found
}

// read collects what one `go test` has printed.
func (f *findings) read(out io.Reader) {
	results := benchfmt.NewReader(out, "go test")
	for results.Scan() {
		result, ok := results.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		f.cpu = result.GetConfig("cpu")
		for _, v := range result.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" { // as reported: benchfmt makes MB into B
				value, unit = v.OrigValue, v.OrigUnit
			}
			of := figure{benchmark(result.Name), unit}
			f.values[of] = append(f.values[of], value)
		}
	}
}

// benchmark is a benchmark's name without the number of processors that the
// testing package adds.
func benchmark(name benchfmt.Name) string {
	base, parts := name.Parts()
	words := []string{string(base)}
	for _, part := range parts {
		if part[0] == '/' {
			words = append(words, string(part[1:]))
		}
	}
	return strings.Join(words, "/")
}

// reason is what a command that failed complained of.
func reason(out []byte, err error) error {
	if why := complaint(out, "FAIL"); why != "" {
		return errors.New(why)
	}
	return err
}

// complaint is the first line that the first benchmark so marked has logged.
func complaint(out []byte, mark string) string {
	logged := regexp.MustCompile(`(?m)^\s*--- ` + mark + `: .*\n\s+\S+\.go:\d+: (.*)$`)
	if m := logged.FindSubmatch(out); m != nil {
		return string(m[1])
	}
	return ""
}
