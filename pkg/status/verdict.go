package status

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// judge is the definition of the verdict on a cluster.
func judge(rows []model.Member, o seen) (model.Verdict, []string) {
	verdict, reasons := judgeMembers(rows)
	if verdict.AtLeast(model.Unhealthy) {
		return verdict, reasons // the nodes are Unknown for that reason
	}
	if o.err != nil {
		return model.Degraded, append(reasons, "the nodes cannot be read: "+etcd.Reason(o.err))
	}
	ofNodes, more := judgeNodes(o.nodes)
	if ofNodes.AtLeast(verdict) {
		verdict = ofNodes
	}
	reasons = append(reasons, more...)
	if o.leads.State == model.LeaderNone {
		verdict, reasons = model.Degraded, append(reasons, sentence("no aggregator leads", o.truth.aggregatorReasons()))
	}
	return verdict, reasons
}

// VerdictOfMembers is the verdict on the members alone.
func VerdictOfMembers(rows []model.Member) model.Verdict {
	v, _ := judgeMembers(rows)
	return v
}

// VerdictOfNodes is the verdict on nodes alone.
func VerdictOfNodes(nodes []model.Node) model.Verdict {
	v, _ := judgeNodes(nodes)
	return v
}

// VerdictUnread is the verdict when the keys could not be read because of err.
func VerdictUnread(err error) model.Verdict {
	if errors.Is(err, errNoQuorum) {
		return model.Unhealthy
	}
	return model.Unknown
}

func judgeMembers(rows []model.Member) (model.Verdict, []string) {
	report := members.Report{Items: rows}
	if !report.Answered() {
		return model.Unknown, []string{"no member answers"}
	}
	if q := model.QuorumOf(rows); !q.Has() {
		return model.Unhealthy, []string{fmt.Sprintf("no quorum: %d of %d voting members answer, %d are needed", q.Up, q.Voters, q.Needed)}
	}
	if _, ok := report.Leader(); !ok {
		return model.Unhealthy, []string{"no raft leader"}
	}
	var reasons []string
	for i := range rows {
		reasons = append(reasons, faults(&rows[i])...)
	}
	reasons = append(reasons, strayAlarms(rows)...)
	if len(reasons) > 0 {
		return model.Degraded, reasons
	}
	return model.Healthy, nil
}

// faults says what is wrong with one member.
func faults(m *model.Member) []string {
	var found []string
	switch m.State {
	case model.MemberUp:
	case model.MemberNoLeader: // it says so among its errors, too
		return []string{fmt.Sprintf("member %s %s", m.Name, m.Reason)}
	default:
		found = append(found, fmt.Sprintf("member %s is %s: %s", m.Name, strings.ToLower(string(m.State)), m.Reason))
	}
	if len(m.Alarms) > 0 {
		found = append(found, fmt.Sprintf("member %s has armed alarm %s", m.Name, strings.Join(m.Alarms, ", ")))
	}
	for _, text := range m.Errors {
		if _, _, isAlarm := members.ParseAlarm(text); !isAlarm {
			found = append(found, fmt.Sprintf("member %s: %s", m.Name, text))
		}
	}
	return found
}

// strayAlarms names the alarms of members that are not listed, each once.
func strayAlarms(rows []model.Member) []string {
	var found []string
	for _, teller := range rows {
		for _, text := range teller.Errors {
			id, name, ok := members.ParseAlarm(text)
			if !ok || slices.ContainsFunc(rows, func(m model.Member) bool { return m.ID == id }) {
				continue
			}
			if reason := fmt.Sprintf("member %s, which is not listed, has armed alarm %s", id, name); !slices.Contains(found, reason) {
				found = append(found, reason)
			}
		}
	}
	return found
}

func judgeNodes(nodes []model.Node) (model.Verdict, []string) {
	named := make(map[model.NodeState][]string)
	var rejecting []string
	for _, n := range nodes {
		if n.State.Degraded() || n.State == model.NodeUnknown {
			named[n.State] = append(named[n.State], n.Name)
		}
		if n.ConfigRejected {
			rejecting = append(rejecting, n.Name)
		}
	}
	var reasons []string
	for _, state := range model.NodeStates() {
		if names := named[state]; len(names) > 0 {
			reasons = append(reasons, some(names, "is", "are")+" "+strings.ToLower(string(state)))
		}
	}
	if len(rejecting) > 0 {
		reasons = append(reasons, some(rejecting, "has", "have")+" a rejected config")
	}
	if len(reasons) > 0 {
		return model.Degraded, reasons
	}
	return model.Healthy, nil
}

// namedNodes is how many nodes a reason names before it only counts the rest.
const namedNodes = 3

// some names a few nodes, counts the rest, and goes on with the verb for one or
// for many: "node a is", "nodes a, b, c and 4 more are".
func some(names []string, one, many string) string {
	switch n := len(names); {
	case n == 1:
		return "node " + names[0] + " " + one
	case n <= namedNodes:
		return "nodes " + strings.Join(names, ", ") + " " + many
	default:
		return fmt.Sprintf("nodes %s and %d more %s", strings.Join(names[:namedNodes], ", "), n-namedNodes, many)
	}
}
