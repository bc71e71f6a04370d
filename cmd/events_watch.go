package cmd

import (
	"context"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/event"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// followEvents appends events, also on a terminal: first those that are known, then
// those after the number of the last one, until ctx ends.
func (a *app) followEvents(ctx context.Context, o *eventsOptions, s *status.Source, f event.Filter, known *model.EventList, last int64) error {
	client, err := etcd.New(s.Etcd)
	if err != nil {
		return err
	}
	defer client.Close()
	stream := printer.NewStream(a.Out, printer.Options{
		Format: printer.Format(o.out.format), NoHeaders: o.out.noHeaders, Color: a.colored(a.Out),
	})
	f.Since = time.Time{} // what is new is wanted, whatever the aggregator's clock says
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var broken error
	show := func(list *model.EventList) {
		if broken = stream.Print(list); broken != nil {
			stop()
		}
		for _, e := range list.Errors {
			a.warn("%s", e)
		}
	}
	show(known)
	lost := false
	err = event.Follow(ctx, client, f, last, event.Follower{
		News: func(n event.News) {
			if lost {
				lost = false
				a.say("events can be read again")
			}
			if n.SetBack {
				a.warn("the store was set back to an earlier state: some events shown above are not in it")
			}
			if n.Missed.Len() > 0 {
				a.warn("missed %s: trimmed before they could be read", n.Missed)
			}
			show(a.eventList(s, n.Events, n.Problems))
		},
		Lost: func(err error) {
			lost = true
			a.warn("events cannot be read for now: %s", etcd.Reason(err))
		},
	})
	return firstOf(broken, err)
}
