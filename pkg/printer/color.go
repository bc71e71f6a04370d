package printer

import "github.com/kubectl-monitor/kubectl-monitor/pkg/model"

// SGR sequences of ECMA-48, in the eight colours that every terminal has.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

// paint colours the word for a state, a verdict or a type of event: green is fine,
// yellow wants a look, red wants a hand. A word that is none of these stays as it is.
func paint(word string) string {
	if c := colorOf(word); c != "" {
		return c + word + reset
	}
	return word
}

func colorOf(word string) string {
	switch word {
	case string(model.Healthy), string(model.NodeAlive), string(model.MemberUp), string(model.ProcessRunning), string(model.RolloutSynced),
		string(model.EventJoined), string(model.EventReturned):
		return green
	case string(model.Unhealthy), string(model.NodeDead), string(model.NodeInvalid), string(model.MemberDown), string(model.RolloutRejected),
		string(model.EventDied), string(model.EventRejected):
		return red // ProcessDead is spelled as NodeDead
	case string(model.Degraded), string(model.Unknown), string(model.NodeStale), string(model.NodeUnknown),
		string(model.MemberNoLeader), string(model.MemberUnstarted), string(model.ProcessPaused),
		string(model.RolloutPending), string(model.RolloutOpaque), string(model.EventGap):
		return yellow
	}
	return ""
}
