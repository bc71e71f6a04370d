package local

import (
	"io"
	"time"
)

// MemberOptions says how to run one etcd member.
type MemberOptions struct {
	Name    string
	DataDir string
	// The URLs on which the member listens and which it advertises.
	ClientURL string
	PeerURL   string
	// InitialCluster is every member's name=peer URL, by commas; the same on
	// every start. It and the token count for the first start only.
	InitialCluster      string
	InitialClusterToken string

	// Those of Tuning.
	HeartbeatInterval time.Duration
	ElectionTimeout   time.Duration

	Log      io.Writer
	LogLevel string // debug, info, warn or error
}

// NewMemberOptions returns the defaults: etcd's own timing, and a log that says
// little. Name, directory, URLs, cluster and Log are to be filled in.
func NewMemberOptions() MemberOptions {
	t := DefaultTuning()
	return MemberOptions{
		HeartbeatInterval: t.HeartbeatInterval,
		ElectionTimeout:   t.ElectionTimeout,
		LogLevel:          "warn",
	}
}
