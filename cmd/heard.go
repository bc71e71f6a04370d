//go:build !node

package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// whileHeard makes a context that ends when the terminal or the reader of the output
// goes away: either would else end the process before it has cleaned up after itself.
func (a *app) whileHeard(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, unheard := context.WithCancel(ctx)
	stop := func() {}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup does
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
	}
	// The signal itself tells nothing: it comes for connections too. From here on a
	// write fails instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	for _, w := range []*io.Writer{&a.Out, &a.Err} {
		if !isTerminal(*w) {
			*w = &heardWriter{*w, unheard}
		}
	}
	return ctx, func() { stop(); unheard() }
}

// heardWriter calls unheard once nobody reads what it writes.
type heardWriter struct {
	io.Writer

	unheard func()
}

func (w *heardWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		w.unheard()
	}
	return n, err
}

// cutShort is err with the exit code of an interruption if ctx has ended.
func cutShort(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return &exitError{code: exitInterrupted, err: err}
}
