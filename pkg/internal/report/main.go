// Command report runs the benchmarks that docs/performance.md tells of, and
// writes their figures between the two marks in it: each beside a peer that was
// measured in the same run, or beside a limit. With the names of parts as
// arguments it runs those alone and leaves the rows of the others as they are.
//
// It is started in the repository's root, by `make bench`. It promises that a
// part that fails harms no other: its rows say why, and the exit code is 1.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

const path = "docs/performance.md"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := report(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// report measures the named parts, or all, and writes what came of them.
func report(ctx context.Context, names []string, progress io.Writer) error {
	chosen, err := choose(parts(), names)
	if err != nil {
		return err
	}
	doc, err := open(path)
	if err != nil {
		return err
	}
	doc.machine, err = look()
	if err != nil {
		return err
	}
	var failed []error
	for i, p := range chosen {
		fmt.Fprintf(progress, "\n=== %s (%d of %d)\n", p.name, i+1, len(chosen))
		begin := time.Now()
		found := measure(ctx, p, progress)
		if ctx.Err() != nil {
			break // what it has measured so far is the half of it
		}
		doc.take(p, found)
		if found.err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", p.name, found.err))
		}
		fmt.Fprintf(progress, "=== %s took %v\n", p.name, time.Since(begin).Round(time.Second))
	}
	return errors.Join(append(failed, doc.save(path), ctx.Err())...)
}

// choose finds parts by their names; no names are all of them.
func choose(all []part, names []string) ([]part, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []part
	for _, name := range names {
		i := slices.IndexFunc(all, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("find %q among the parts: there are only %s", name, strings.Join(partNames(all), ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func partNames(all []part) []string {
	var names []string
	for _, p := range all {
		names = append(names, p.name)
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}
