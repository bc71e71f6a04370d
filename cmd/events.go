package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/event"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

type eventsOptions struct {
	out   outputFlags
	hosts hostFlags
	types []string
	since string
	limit int
	live  bool
}

func (a *app) newEvents() *cobra.Command {
	var o eventsOptions
	c := &cobra.Command{
		Use:     "events",
		Aliases: []string{"event"},
		Short:   "What has happened to nodes, configs and aggregators",
		Long: `What has happened, the oldest first, as the leading aggregator wrote it down; it
keeps the newest 10,000 events. -o wide adds times, numbers and who wrote them.

Types: joined, left, died, returned (nodes), applied, rejected (configs at a
node), leader (another aggregator leads) and gap (what happened for a while is not
known in detail).

With -w every event is shown once and in order, whatever happens to members
meanwhile; what could not be read is counted.`,
		Example: `  %[1]s events
  # Of the last ten minutes, and from now on
  %[1]s events --since 10m -w
  # When did these nodes go and come back?
  %[1]s events --type died,returned --host node-1,node-2
  # How long was there no leader?
  %[1]s events --type leader -o json | jq '.items[].without'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.events(c.Context(), &o) },
	}
	o.out.add(c, false)
	f := c.Flags()
	f.StringVar(&o.since, "since", "", "only what is not older: how long ago, as 10m, or a time of RFC 3339")
	f.StringSliceVar(&o.types, "type", nil, "only events of these types (may be given several times)")
	f.StringSliceVar(&o.hosts.hosts, "host", nil, "only events of these hosts (may be given several times)")
	f.IntVar(&o.limit, "limit", 0, "of what has happened so far only the newest so many; 0 for all")
	addWatch(c, &o.live)
	_ = c.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(event.TypeNames(), cobra.ShellCompDirectiveNoFileComp))
	return a.finish(c)
}

func (o *eventsOptions) filter(now time.Time) (f event.Filter, err error) {
	if f.Hosts, err = o.hosts.names(nil); err != nil {
		return f, err
	}
	if f.Types, err = event.ParseTypes(o.types); err != nil {
		return f, usageError("--type: %w", err)
	}
	if o.since != "" {
		if f.Since, err = event.ParseSince(o.since, now); err != nil {
			return f, usageError("--since %w", err)
		}
	}
	if o.limit < 0 {
		return f, usageError("--limit must be 0 or more, not %d", o.limit)
	}
	return f, nil
}

func (a *app) events(ctx context.Context, o *eventsOptions) error {
	filter, err := o.filter(a.now())
	if err = firstOf(err, o.out.validate()); err != nil {
		return err
	}
	s, err := a.source(ctx)
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	reading, cancel := a.bounded(ctx)
	defer cancel()
	log, err := event.List(reading, s.Pool, filter)
	if err != nil {
		return err
	}
	events := log.Events
	if older := len(events) - o.limit; o.limit > 0 && older > 0 {
		events = events[older:]
	}
	list := a.eventList(s, events, log.Problems)
	if o.live {
		a.sayMissing(&filter, log)
		return a.followEvents(ctx, o, s, filter, list, log.Kept.To)
	}
	if err := a.show(&o.out, list, list.Errors); err != nil {
		return err
	}
	a.sayMissing(&filter, log)
	if log.Led && len(events) == 0 {
		a.say("no such events")
	}
	return nil
}

func (a *app) eventList(s *status.Source, events []model.Event, problems []string) *model.EventList {
	return &model.EventList{TypeMeta: model.NewTypeMeta(model.KindEventList, s.Name, a.now()), Items: events, Errors: problems}
}

// sayMissing says why there are no events, or not all that are asked for.
func (a *app) sayMissing(f *event.Filter, log *event.Log) {
	switch {
	case !log.Led:
		a.say("no events: no aggregator has ever led here, and nobody else writes any")
	case !f.Since.IsZero() && log.Lacks(f.Since):
		a.warn("events before %s are not kept: number %d is the oldest", log.From.UTC().Format(time.RFC3339), log.Kept.From)
	}
}
