package bench

import (
	"errors"
	"maps"
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// failures counts errors by their reason.
type failures struct {
	mu  sync.Mutex
	by  map[string]int
	all int64
}

func newFailures() *failures { return &failures{by: make(map[string]int)} }

// add counts an error, by its innermost cause: the outer ones name hosts.
func (f *failures) add(err error) {
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by[etcd.Reason(err)]++
	f.all++
}

func (f *failures) count() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}

func (f *failures) reasons() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.by)
}
