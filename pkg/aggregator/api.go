package aggregator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// source is what a replica sees, as of now. It may be asked from any goroutine.
type source interface {
	records
	sight
}

// records are a view's, as commands print them.
type records interface {
	Status() *model.Status
	Nodes() *model.NodeList
	Node(name string) (model.Node, bool)
	// ListOf is a list of just these nodes.
	ListOf(nodes []model.Node) *model.NodeList
	Members() *model.MemberList
}

// sight says how far records can be relied on.
type sight interface {
	// Ready reports whether members and nodes have been looked at once.
	Ready() bool
	// Lost is why the store cannot be read now, or nil.
	Lost() error
	// Aggregator says who leads the aggregators.
	Aggregator() model.AggregatorLeader
}

// api serves a view as JSON: the records that the commands print with -o json.
type api struct {
	view source
	// events reads those that are kept, the oldest first.
	events func(context.Context) ([]model.Event, error)
}

func (a *api) addTo(mux *http.ServeMux) {
	for path, answer := range map[string]func(*http.Request) (any, error){
		"status":       a.status,
		"nodes":        a.nodes,
		"nodes/{host}": a.node,
		"members":      a.members,
		"events":       a.eventList,
	} {
		mux.HandleFunc("/api/v1/"+path, func(w http.ResponseWriter, r *http.Request) {
			record, err := answer(r)
			if err != nil {
				refuse(w, statusOf(err), err)
				return
			}
			write(w, http.StatusOK, record)
		})
	}
}

// What makes an answer other than 200.
var (
	errNotReady = errors.New("members and nodes have not been looked at yet")
	errNoNode   = errors.New("no such node")
)

// invalidError is a request that cannot be understood.
type invalidError struct{ error }

func (e *invalidError) Unwrap() error { return e.error }

func statusOf(err error) int {
	switch _, invalid := errors.AsType[*invalidError](err); {
	case invalid:
		return http.StatusBadRequest
	case errors.Is(err, errNoNode):
		return http.StatusNotFound
	}
	return http.StatusServiceUnavailable
}

// readable is why the view is not that of the store as it is now, or nil.
func (a *api) readable() error {
	if err := a.looked(); err != nil {
		return err
	}
	if err := a.view.Lost(); err != nil {
		return errors.New("the store cannot be read: " + etcd.Reason(err))
	}
	return nil
}

// looked says why there is nothing to show, or nil: a view that has not been
// filled would say that there is no node. One whose store is away shows what it
// knew last, as Unknown.
func (a *api) looked() error {
	if !a.view.Ready() {
		return errNotReady
	}
	return nil
}

// asked reads the parameters of a request for what the view shows.
func (a *api) asked(r *http.Request, known ...string) (url.Values, error) {
	given, err := parameters(r, known...)
	if err != nil {
		return nil, err
	}
	return given, a.looked()
}

func (a *api) status(r *http.Request) (any, error) {
	if _, err := a.asked(r); err != nil {
		return nil, err
	}
	return a.view.Status(), nil
}

func (a *api) members(r *http.Request) (any, error) {
	if _, err := a.asked(r); err != nil {
		return nil, err
	}
	return a.view.Members(), nil
}

func (a *api) nodes(r *http.Request) (any, error) {
	given, err := a.asked(r, "state")
	if err != nil {
		return nil, err
	}
	states, err := oneOf("state", given["state"], model.NodeStates())
	if err != nil {
		return nil, err
	}
	list := a.view.Nodes()
	if len(states) > 0 {
		list = a.view.ListOf(slices.DeleteFunc(list.Items, func(n model.Node) bool { return !slices.Contains(states, n.State) }))
	}
	return list, nil
}

func (a *api) node(r *http.Request) (any, error) {
	name := r.PathValue("host")
	if err := model.CheckHost(name); err != nil {
		return nil, &invalidError{err}
	}
	if _, err := a.asked(r); err != nil {
		return nil, err
	}
	node, ok := a.view.Node(name)
	if !ok {
		return nil, fmt.Errorf("%w: %s", errNoNode, name)
	}
	return a.view.ListOf([]model.Node{node}), nil
}
