package local

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// poll calls done until it returns true; the error is ctx's if that ends sooner.
func poll(ctx context.Context, every time.Duration, done func() bool) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// pollAll calls missing until it returns none of all, and tells how far that is.
func pollAll(ctx context.Context, doing string, all []*record, progress func(Step), missing func() []*record) error {
	if len(all) == 0 {
		return nil
	}
	var left []*record
	told := -1
	err := poll(ctx, askInterval, func() bool {
		left = missing()
		if done := len(all) - len(left); done > told {
			told = done
			progress(Step{Doing: doing, Done: done, Total: len(all)})
		}
		return len(left) == 0
	})
	if err != nil {
		return fmt.Errorf("%s (%s): %w", doing, strings.Join(names(left), ", "), err)
	}
	return nil
}

// httpStatus asks a process once, and returns the status of its answer.
func httpStatus(ctx context.Context, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	// A connection that is kept would be one more for the process to close.
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
