package event

import (
	"context"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// News is what is told at a time.
type News struct {
	// SetBack tells that the store was set back to an earlier state, in which the
	// event before the next ones was the newest: later ones that were told before
	// are not in it.
	SetBack bool
	// Missed are events before these that were gone before they could be read.
	Missed Span
	// Events are those that the filter takes, in the order of their numbers.
	Events []model.Event
	// Problems names what is no event.
	Problems []string
}

// Follower is told what is written.
type Follower struct {
	// News is called whenever there is something new, from one goroutine. The watch
	// waits for it.
	News func(News)
	// Lost is called when the store cannot be read any more, once; the next News,
	// which may be empty, says that it can again. Optional.
	Lost func(error)
}

// Follow tells every event after that of number after, each once and in order,
// until ctx ends, and returns ctx's error then. With 0 it begins with the first
// that is kept. What is trimmed while the store cannot be read is told as missed
// if the store's history does not have it any more.
func Follow(ctx context.Context, client *etcd.Client, f Filter, after int64, to Follower) error {
	r := &reader{filter: f, to: to, last: after, counted: after > 0}
	return client.Follow(ctx, []etcd.Range{{Key: keys.EventPrefix, Prefix: true}}, etcd.Follower{Update: r.update, Lost: r.lose})
}
