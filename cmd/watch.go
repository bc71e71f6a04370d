package cmd

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

const (
	// framePause is the least time between two frames on a terminal, and drawShare
	// how many times as long as it took to draw one: a large fleet is drawn less often.
	framePause = 100 * time.Millisecond
	drawShare  = 40
	// swarmPause is the least time between two writes into a pipe: changes come in
	// swarms, and the first of one does not wait.
	swarmPause = 20 * time.Millisecond
	// agePause is how often ages are shown anew.
	agePause = time.Second
)

func addWatch(c *cobra.Command, on *bool) {
	c.Flags().BoolVarP(on, "watch", "w", false, "go on showing what changes, until Ctrl-C")
}

// watched is what a command shows of a Live: all of it, and, for pipes, what has
// changed since.
type watched struct {
	all     func(*status.Live) any
	changes func(*status.Live) any
}

// whole watches a record that is shown as a whole whenever it changes.
func whole(record func(*status.Live) any) watched { return watched{all: record, changes: record} }

// watchedNodes watches nodes: every change of each.
func watchedNodes(names []string) watched {
	only := func(l *status.Live, nodes []model.Node) any {
		if len(names) > 0 {
			nodes = slices.DeleteFunc(nodes, func(n model.Node) bool { return !slices.Contains(names, n.Name) })
		}
		return l.ListOf(nodes)
	}
	return watched{
		all:     func(l *status.Live) any { return only(l, l.TakeAll()) },
		changes: func(l *status.Live) any { return only(l, l.TakeChanges()) },
	}
}

// watch shows what changes until ctx ends: on a terminal in place, in a pipe
// appended.
func (a *app) watch(ctx context.Context, out *outputFlags, s *status.Source, w watched) error {
	show := a.append
	if isTerminal(a.Out) && (out.format == string(printer.Table) || out.format == string(printer.Wide)) {
		show = a.repaint
	}
	return withLive(ctx, s, func(ctx context.Context, live *status.Live) error { return show(ctx, out, live, w) })
}

// withLive runs a Live of s as long as f runs.
func withLive(ctx context.Context, s *status.Source, f func(context.Context, *status.Live) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	live := status.NewLive(s)
	ended := make(chan error, 1)
	go func() { ended <- live.Run(ctx) }()
	err := f(ctx, live)
	cancel()
	return errors.Join(err, nilIfCancelled(<-ended))
}

func nilIfCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// append writes rows or documents as they change.
func (a *app) append(ctx context.Context, out *outputFlags, live *status.Live, w watched) error {
	stream := printer.NewStream(a.Out, printer.Options{
		Format: printer.Format(out.format), NoHeaders: out.noHeaders, Color: a.colored(a.Out),
	})
	record := w.all
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-live.Changed():
		}
		if !live.Ready() {
			continue
		}
		if err := stream.Print(record(live)); err != nil {
			return err
		}
		record = w.changes
		select {
		case <-ctx.Done():
		case <-time.After(swarmPause):
		}
	}
}

// repaint shows the whole record in place, and leaves the last one behind.
func (a *app) repaint(ctx context.Context, out *outputFlags, live *status.Live, w watched) (err error) {
	screen, err := printer.NewScreen(a.Out)
	if err != nil {
		return err
	}
	var (
		frame  bytes.Buffer
		record any
	)
	compose := func(columns, lines int) error {
		frame.Reset()
		return printer.Print(&frame, record, printer.Options{
			Format: printer.Format(out.format), NoHeaders: out.noHeaders, Color: a.colored(a.Out), Width: columns, Height: lines,
		})
	}
	draw := func(columns, lines int) error {
		record = w.all(live)
		if out.sortBy != "" {
			if err := printer.Sort(record, out.sortBy); err != nil {
				return &exitError{code: exitUsage, err: err}
			}
		}
		if err := compose(columns, lines); err != nil {
			return err
		}
		return screen.Draw(frame.Bytes(), columns, lines)
	}
	defer func() {
		if record != nil { // what is left behind has no end of lines
			columns, _ := size(a.Out)
			err = errors.Join(err, compose(columns, 0))
		}
		err = errors.Join(err, screen.Close(frame.Bytes()))
	}()

	var (
		drawn time.Time
		pause time.Duration
	)
	changed, shown := false, [2]int{}
	tick := time.NewTicker(framePause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-live.Changed():
			changed = true
			continue // until the next tick: changes come in swarms
		case <-tick.C:
		}
		columns, lines := size(a.Out)
		resized, rested := shown != [2]int{columns, lines}, time.Since(drawn)
		if !live.Ready() || !resized && (rested < pause || !changed && rested < agePause) {
			continue
		}
		changed, drawn, shown = false, time.Now(), [2]int{columns, lines}
		if err := draw(columns, lines); err != nil {
			return err
		}
		pause = drawShare * time.Since(drawn)
	}
}
