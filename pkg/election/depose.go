package election

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// Attempts are short: what was sent to a raft leader that died is lost, and the
// sooner it is sent again, the sooner its successor has it.
const (
	attemptMin = 500 * time.Millisecond
	attemptMax = 4 * time.Second
	pauseMin   = 20 * time.Millisecond
	pauseMax   = 500 * time.Millisecond
)

// Depose deletes the key of a candidate that is known to be dead, and of no later
// one at the same key. It tries until the store has answered or ctx ends. It
// returns false where the key is gone already. To depose a candidate that lives is
// harmless: its writes are refused, and it campaigns anew.
func Depose(ctx context.Context, client *etcd.Client, c Candidate) (bool, error) {
	attempt, pause := attemptMin, pauseMin
	for {
		once, cancel := context.WithTimeout(ctx, attempt)
		resp, err := client.Txn(once).
			If(clientv3.Compare(clientv3.CreateRevision(c.Key), "=", c.Token)).
			Then(clientv3.OpDelete(c.Key)).
			Commit()
		cancel()
		if err == nil {
			return resp.Succeeded, nil
		}
		if ctx.Err() != nil || !passes(err) {
			return false, fmt.Errorf("depose candidate %q: %w", c.Key, err)
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("depose candidate %q: %w", c.Key, err)
		case <-time.After(pause):
		}
		attempt, pause = min(2*attempt, attemptMax), min(2*pause, pauseMax)
	}
}

// passes tells failures that pass by themselves.
func passes(err error) bool {
	switch etcd.Classify(err) {
	case etcd.ClassUnreachable, etcd.ClassNoQuorum, etcd.ClassOverloaded:
		return true
	}
	return false
}
