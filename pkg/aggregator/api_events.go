package aggregator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// eventFilter says which events are asked for; the zero value takes all.
type eventFilter struct {
	after int64         // those with a higher number
	last  time.Duration // those that are not older
	types []model.EventType
	hosts []string
}

func (a *api) eventList(r *http.Request) (any, error) {
	f, err := parseEventFilter(r)
	if err != nil {
		return nil, err
	}
	events, err := a.events(r.Context())
	if err != nil {
		return nil, errors.New("read the events: " + etcd.Reason(err))
	}
	list := &model.EventList{TypeMeta: a.view.ListOf(nil).TypeMeta, Items: []model.Event{}}
	list.Kind = model.KindEventList
	for i := range events {
		if f.takes(&events[i], list.ObservedAt) {
			list.Items = append(list.Items, events[i])
		}
	}
	return list, nil
}

func parseEventFilter(r *http.Request) (f eventFilter, err error) {
	given, err := parameters(r, "since", "type", "host")
	if err != nil {
		return f, err
	}
	if f.types, err = oneOf("type", given["type"], model.EventTypes()); err != nil {
		return f, err
	}
	f.hosts = given["host"]
	for _, host := range f.hosts {
		if err := model.CheckHost(host); err != nil {
			return f, &invalidError{err}
		}
	}
	if since := given.Get("since"); since != "" {
		if f.after, f.last, err = parseSince(since); err != nil {
			return f, err
		}
	}
	return f, nil
}

// parseSince reads the number of an event, or how long ago.
func parseSince(since string) (after int64, last time.Duration, err error) {
	if after, err = strconv.ParseInt(since, 10, 64); err == nil && after >= 0 {
		return after, 0, nil
	}
	if last, err = time.ParseDuration(since); err == nil && last > 0 {
		return 0, last, nil
	}
	return 0, 0, &invalidError{fmt.Errorf("since is the number of an event or a time such as 90s or 2h, not %q", since)}
}

func (f *eventFilter) takes(e *model.Event, now time.Time) bool {
	return e.Seq > f.after &&
		(f.last == 0 || now.Sub(e.Time) <= f.last) &&
		(len(f.types) == 0 || slices.Contains(f.types, e.Type)) &&
		(len(f.hosts) == 0 || slices.Contains(f.hosts, e.Host))
}
