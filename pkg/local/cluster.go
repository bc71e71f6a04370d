package local

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Cluster is the local cluster of one state directory.
type Cluster struct {
	dir string
	// executable is the program to run; empty for the one that runs now.
	executable string
}

// Open names the cluster of a state directory, whether there is one or not. It
// touches nothing.
func Open(dir string) *Cluster {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return &Cluster{dir: dir}
}

// Step is a piece of long work, for whoever shows progress. Total is 0 where
// there is nothing to count.
type Step struct {
	Doing       string
	Done, Total int
}

// Description is what a client needs to know of the cluster.
type Description struct {
	Exists    bool // there is a record; whether its processes run is another matter
	Dir       string
	Members   []Member
	Endpoints []string // of the members, in their order
	Hosts     []string // the nodes that the agents report
	// Aggregators are those that are meant to run.
	Aggregators []Aggregator
	Tuning      Tuning
}

// Member is where one member is to be reached.
type Member struct {
	Name     string
	Endpoint string // client URL
}

// Aggregator is where one aggregator is to be reached.
type Aggregator struct {
	Name    string
	Address string // HOST:PORT of its HTTP server
}

// Describe tells of the cluster what its record says: one small file is read,
// and no process looked up. That there is no cluster is no error.
func (c *Cluster) Describe() (Description, error) {
	d := Description{Dir: c.dir}
	st, err := c.load()
	if errors.Is(err, ErrNoCluster) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.Exists = true
	d.Tuning = st.Tuning
	d.Endpoints = st.endpoints()
	for _, m := range st.members() {
		d.Members = append(d.Members, Member{Name: m.Name, Endpoint: m.clientURL()})
	}
	for _, a := range st.agents() {
		d.Hosts = append(d.Hosts, a.Host)
	}
	for _, a := range st.aggregators() {
		d.Aggregators = append(d.Aggregators, Aggregator{Name: a.Name, Address: loopbackAddress(a.HTTPPort)})
	}
	return d, nil
}

// Processes says what became of every process of the cluster; ErrNoCluster if
// there is none.
func (c *Cluster) Processes(ctx context.Context) ([]model.Process, error) {
	st, err := c.load()
	if err != nil {
		return nil, err
	}
	return c.describeAll(ctx, st.Processes)
}

func (c *Cluster) describeAll(ctx context.Context, records []*record) ([]model.Process, error) {
	list := make([]model.Process, 0, len(records))
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := c.describe(r)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}
