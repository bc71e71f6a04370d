package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// The watches of two ranges tell what they tell in no order: the one that was
// ahead must not make the other one skip what it has not told yet.
func TestEachRangeIsResumedWhereItEnded(t *testing.T) {
	t.Parallel()
	cli := testcluster.Start(t, 1).Client()
	put := func(key string) int64 {
		t.Helper()
		resp, err := cli.Put(t.Context(), key, "")
		if err != nil {
			t.Fatal(err)
		}
		return resp.Header.Revision
	}
	a := put("/a/1")
	put("/b/1")
	gone, err := cli.Delete(t.Context(), "/a/1")
	if err != nil {
		t.Fatal(err)
	}
	b := put("/b/1")
	put("/b/2")

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var told []string
	err = cli.TailFrom(ctx, []etcd.Range{{Key: "/a/", Prefix: true}, {Key: "/b/", Prefix: true}}, []int64{a, b}, func(u etcd.Update) {
		for _, c := range u.Changes {
			told = append(told, fmt.Sprint(c.Key, " ", c.Revision))
		}
		if len(told) == 2 {
			cancel()
		}
	})
	slices.Sort(told)
	want := []string{fmt.Sprint("/a/1 ", gone.Header.Revision), fmt.Sprint("/b/2 ", b+1)}
	if !slices.Equal(told, want) {
		t.Errorf("told %v, want %v (%v)", told, want, err)
	}
}

func TestTailTellsEveryChangeOnceOverLostWatches(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	cli := c.Client()
	first, err := cli.Put(t.Context(), "/a/before", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	var told []int64
	go func() {
		ended <- c.Client().Tail(ctx, []etcd.Range{{Key: "/a/", Prefix: true}}, first.Header.Revision, etcd.Follower{Update: func(u etcd.Update) {
			for _, ch := range u.Changes {
				told = append(told, ch.Revision)
				if ch.Key == "/a/last" {
					cancel()
				}
			}
		}})
	}()
	var want []int64
	put := func(key string) {
		again(t, func() error {
			resp, err := cli.Put(t.Context(), key, "")
			if err == nil {
				want = append(want, resp.Header.Revision)
			}
			return err
		})
	}
	for i := range 200 {
		if i == 50 || i == 150 {
			for _, m := range c.Members {
				m.Cut()
				m.Mend()
			}
		}
		put(fmt.Sprintf("/a/%d", i))
	}
	put("/a/last")
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v after %d changes", err, len(told))
	}
	for _, rev := range want {
		if !slices.Contains(told, rev) {
			t.Errorf("revision %d was not told", rev)
		}
	}
	if !slices.IsSorted(told) || len(slices.Compact(slices.Clone(told))) != len(told) {
		t.Errorf("told out of order or twice: %v", told)
	}
}

func TestTailSaysThatTheHistoryIsCompacted(t *testing.T) {
	t.Parallel()
	cli := testcluster.Start(t, 1).Client()
	var rev int64
	for range 5 {
		resp, err := cli.Put(t.Context(), "/a/1", "")
		if err != nil {
			t.Fatal(err)
		}
		rev = resp.Header.Revision
	}
	if _, err := cli.Compact(t.Context(), rev); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tail := func(after int64) error {
		return cli.Tail(ctx, []etcd.Range{{Key: "/a/", Prefix: true}}, after, etcd.Follower{Update: func(etcd.Update) { cancel() }})
	}
	if err := tail(rev - 3); !errors.Is(err, etcd.ErrHistoryGone) {
		t.Errorf("after a compacted revision: %v", err)
	}
	if err := tail(rev - 1); !errors.Is(err, context.Canceled) {
		t.Errorf("after the last revision that is compacted away: %v", err)
	}
}
