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
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const stateVersion = 1

// state is what cluster.json holds: every process of the cluster and how it was
// last started. A cluster exists as long as this file does.
type state struct {
	Version   int       `json:"version"`
	Token     string    `json:"token"` // etcd's initial cluster token, random per cluster
	Processes []*record `json:"processes"`
}

// record is one process of the cluster, running or not.
type record struct {
	Name string            `json:"name"`
	Role model.ProcessRole `json:"role"`
	Host string            `json:"host,omitempty"` // the node that an agent reports
	// A member's ports on loopback.
	ClientPort int `json:"clientPort,omitempty"`
	PeerPort   int `json:"peerPort,omitempty"`

	Run *run `json:"run,omitempty"` // the last one; nil if there was none
}

// run is one life of a process. PID, Boot and Start together are its identity.
type run struct {
	PID     int       `json:"pid"`
	Boot    string    `json:"boot"`  // of the machine
	Start   int64     `json:"start"` // by the kernel, in its own unit
	Started time.Time `json:"started"`
	LogFrom int64     `json:"logFrom"` // where in its log it began to write, in bytes
	// End is what a command did last to end it; nil if none did.
	End *ending `json:"end,omitempty"`
}

// ending tells how a command ended a process.
type ending struct {
	Signal  Signal    `json:"signal"`
	Command string    `json:"command"`
	At      time.Time `json:"at"`
}

func newState(members, agents int) (*state, error) {
	ports, err := freePorts(2 * members)
	if err != nil {
		return nil, err
	}
	st := &state{Version: stateVersion, Token: "local-" + rand.Text()}
	for i := range members {
		st.Processes = append(st.Processes, &record{
			Name:       fmt.Sprintf("etcd-%d", i+1),
			Role:       model.ProcessMember,
			ClientPort: ports[2*i],
			PeerPort:   ports[2*i+1],
		})
	}
	st.addAgents(agents)
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
}

func (st *state) members() []*record { return st.ofRole(model.ProcessMember) }
func (st *state) agents() []*record  { return st.ofRole(model.ProcessAgent) }

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

func (r *record) clientURL() string { return loopbackURL(r.ClientPort) }
func (r *record) peerURL() string   { return loopbackURL(r.PeerPort) }

func names(records []*record) []string {
	list := make([]string, len(records))
	for i, r := range records {
		list[i] = r.Name
	}
	return list
}

func without(records, drop []*record) []*record {
	return slices.DeleteFunc(slices.Clone(records), func(r *record) bool { return slices.Contains(drop, r) })
}

func intersect(records, with []*record) []*record {
	var both []*record
	for _, r := range records {
		if slices.Contains(with, r) {
			both = append(both, r)
		}
	}
	return both
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
	if st.Version != stateVersion {
		return nil, &hinted{fmt.Errorf("the local cluster's record %q has version %d, this program reads %d",
			c.path(stateFile), st.Version, stateVersion), "local down"}
	}
	return st, nil
}

func (c *Cluster) save(st *state) error {
	return c.writeFile(c.path(stateFile), fileMode, func(f *os.File) error {
		enc := json.NewEncoder(f)
		enc.SetIndent("", "  ")
		return enc.Encode(st)
	})
}
