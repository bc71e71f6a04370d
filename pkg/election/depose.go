package election

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

const (
	deposeMin   = 200 * time.Millisecond
	deposeMax   = 4 * time.Second
	deposePause = 50 * time.Millisecond
)

// Depose deletes the key of a candidate that is known to be dead, and of no later
// one at the same key. It tries until the store has answered or ctx ends. It
// returns false where the key is gone already. To depose a candidate that lives is
// harmless: its writes are refused, and it campaigns anew.
func Depose(ctx context.Context, client *etcd.Client, c Candidate) (bool, error) {
	began := time.Now()
	for {
		// What was sent to a raft leader that died is lost. So an attempt takes a
		// small part of the time that has gone by: short while a new raft leader may
		// be there any moment, and long enough for a slow store in the end.
		once, cancel := context.WithTimeout(ctx, min(max(deposeMin, time.Since(began)/8), deposeMax))
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
		case <-time.After(deposePause):
		}
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
