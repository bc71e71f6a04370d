package local

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// stateVersion is that of the records that Up writes. Version 1 had neither
// aggregators nor tuning.
const stateVersion = 2

// state is what cluster.json holds: every process of the cluster and how it was
// last started. A cluster exists as long as this file does.
type state struct {
	Version   int       `json:"version"`
	Token     string    `json:"token"` // etcd's initial cluster token, random per cluster
	Tuning    Tuning    `json:"tuning"`
	Processes []*record `json:"processes"` // members, agents, aggregators
}

func newState(members int, tuning Tuning) (*state, error) {
	st := &state{Version: stateVersion, Token: "local-" + rand.Text(), Tuning: tuning}
	ports, err := freePorts(2*members, nil)
	if err != nil {
		return nil, err
	}
	for i := range members {
		st.Processes = append(st.Processes, &record{
			Name:       fmt.Sprintf("etcd-%d", i+1),
			Role:       model.ProcessMember,
			ClientPort: ports[2*i],
			PeerPort:   ports[2*i+1],
		})
	}
	return st, nil
}

// addAgents adds agents up to a number of them.
func (st *state) addAgents(n int) {
	for i := len(st.agents()) + 1; i <= n; i++ {
		st.Processes = append(st.Processes, &record{
			Name: fmt.Sprintf("agent-%d", i),
			Role: model.ProcessAgent,
			Host: fmt.Sprintf("node-%d", i),
		})
	}
	st.Processes = slices.Concat(st.members(), st.agents(), st.aggregators())
}

// addAggregators adds aggregators up to a number of them.
func (st *state) addAggregators(n int) error {
	have := len(st.aggregators())
	ports, err := freePorts(max(0, n-have), st.ports())
	if err != nil {
		return err
	}
	for i, port := range ports {
		st.Processes = append(st.Processes, &record{
			Name:     fmt.Sprintf("aggregator-%d", have+i+1),
			Role:     model.ProcessAggregator,
			HTTPPort: port,
		})
	}
	return nil
}

func (st *state) members() []*record     { return st.ofRole(model.ProcessMember) }
func (st *state) agents() []*record      { return st.ofRole(model.ProcessAgent) }
func (st *state) aggregators() []*record { return st.ofRole(model.ProcessAggregator) }

// clients are the processes that live on the members.
func (st *state) clients() []*record { return slices.Concat(st.agents(), st.aggregators()) }

func (st *state) ofRole(role model.ProcessRole) []*record {
	var found []*record
	for _, r := range st.Processes {
		if r.Role == role {
			found = append(found, r)
		}
	}
	return found
}

func (st *state) find(name string) (*record, error) {
	for _, r := range st.Processes {
		if r.Name == name {
			return r, nil
		}
	}
	return nil, &UnknownNameError{Name: name, Names: names(st.Processes)}
}

// ports are those of all processes, whether they run or not.
func (st *state) ports() []int {
	var ports []int
	for _, r := range st.Processes {
		ports = append(ports, r.ports()...)
	}
	return ports
}

func (st *state) endpoints() []string {
	var urls []string
	for _, m := range st.members() {
		urls = append(urls, m.clientURL())
	}
	return urls
}

// initialCluster is etcd's --initial-cluster.
func (st *state) initialCluster() string {
	var peers []string
	for _, m := range st.members() {
		peers = append(peers, m.Name+"="+m.peerURL())
	}
	return strings.Join(peers, ",")
}

// load reads the record of the cluster; ErrNoCluster if there is none.
func (c *Cluster) load() (*state, error) {
	if !supported {
		return nil, ErrUnsupported
	}
	data, err := os.ReadFile(c.path(stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoCluster
	}
	if err != nil {
		return nil, fmt.Errorf("read the local cluster's record: %w", err)
	}
	st := new(state)
	if err := json.Unmarshal(data, st); err != nil {
		return nil, &hinted{fmt.Errorf("read the local cluster's record %q: %w", c.path(stateFile), err), "local down"}
	}
	if st.Version < 1 || st.Version > stateVersion {
		return nil, &hinted{fmt.Errorf("the local cluster's record %q has version %d, this program reads 1 to %d",
			c.path(stateFile), st.Version, stateVersion), "local down"}
	}
	st.Tuning = st.Tuning.or(DefaultTuning())
	return st, nil
}

func (c *Cluster) save(st *state) error {
	return c.writeFile(c.path(stateFile), fileMode, func(f *os.File) error {
		enc := json.NewEncoder(f)
		enc.SetIndent("", "  ")
		return enc.Encode(st)
	})
}
