package kube

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// defaultElectionTimeout is etcd's.
const defaultElectionTimeout = time.Second

// ElectionTimeout is raft's, as the members' environment has it.
func (c *Cluster) ElectionTimeout(ctx context.Context) (time.Duration, error) {
	found, err := c.find(ctx)
	if err != nil {
		return 0, err
	}
	text := found.env("ETCD_ELECTION_TIMEOUT")
	if text == "" {
		return defaultElectionTimeout, nil
	}
	ms, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("read ETCD_ELECTION_TIMEOUT of the members: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}
