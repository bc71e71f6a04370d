package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// replica is what a follower knows.
type replica struct {
	t  *testing.T
	mu sync.Mutex
	// changed is closed and renewed with every update.
	changed chan struct{}
	keys    map[string]string
	revs    map[string]int64
	lists   int
	lost    int
	changes int
}

func follow(t *testing.T, cli *etcd.Client, ranges ...etcd.Range) *replica {
	t.Helper()
	return followAs(t, cli, etcd.Follower{}, ranges...)
}

// followAs follows as f says, with the replica's functions.
func followAs(t *testing.T, cli *etcd.Client, f etcd.Follower, ranges ...etcd.Range) *replica {
	t.Helper()
	r := &replica{t: t, changed: make(chan struct{}), keys: map[string]string{}, revs: map[string]int64{}}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		f.Update = r.update
		f.Lost = func(error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.lost++
		}
		_ = cli.Follow(ctx, ranges, f)
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return r
}

func (r *replica) update(u etcd.Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if u.Listed {
		r.lists++
	}
	for _, c := range u.Changes {
		if c.Revision <= r.revs[c.Key] {
			r.t.Errorf("%s: revision %d told after %d", c.Key, c.Revision, r.revs[c.Key])
		}
		r.revs[c.Key] = c.Revision
		r.changes++
		if c.KV == nil {
			delete(r.keys, c.Key)
		} else {
			r.keys[c.Key] = string(c.KV.Value)
		}
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// until waits until the replica is as ok says.
func (r *replica) until(what string, ok func() bool) {
	r.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		done, changed := ok(), r.changed
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("never: %s; known: %d keys, %d lists", what, len(r.keys), r.lists)
		}
	}
}

// untilLost waits until the loss of the store is told.
func (r *replica) untilLost() {
	r.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		r.mu.Lock()
		lost := r.lost
		r.mu.Unlock()
		if lost > 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatal("the loss of the store was never told")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestFollowEndsUpWithWhatTheStoreHolds(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	cli := c.Client()
	r := follow(t, c.Client(), etcd.Range{Key: "/a/", Prefix: true}, etcd.Range{Key: "/one"})
	rng := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	var rev int64
	write := func(n int) {
		for range n {
			key := fmt.Sprintf("/a/%d", rng.IntN(20))
			if rng.IntN(8) == 0 {
				key = "/one"
			}
			var op clientv3.Op
			value := fmt.Sprint(rng.IntN(1000))
			if rng.IntN(4) == 0 {
				op = clientv3.OpDelete(key)
				delete(want, key)
			} else {
				op = clientv3.OpPut(key, value)
				want[key] = value
			}
			// An unknown outcome is settled by doing the same once more.
			for {
				resp, err := cli.Txn(t.Context()).Then(op).Commit()
				if err == nil {
					rev = resp.Header.Revision
					break
				}
			}
		}
	}
	same := func() bool { return maps.Equal(r.keys, want) }

	write(100)
	r.until("the first hundred changes", same)

	for _, m := range c.Members {
		m.Cut()
	}
	done := make(chan struct{})
	go func() { defer close(done); write(50) }()
	time.Sleep(200 * time.Millisecond)
	for _, m := range c.Members {
		m.Mend()
	}
	<-done
	if _, err := cli.Compact(t.Context(), rev); err != nil {
		t.Fatal(err)
	}
	write(50)
	r.until("the changes around a compaction", same)

	leader := c.Leader()
	leader.Stop()
	write(50)
	r.until("the changes after the leader stopped", same)
	leader.Start()
	write(20)
	r.until("the changes after it started again", same)
}

// again calls f until it succeeds.
func again(t *testing.T, f func() error) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A watcher that is cut off while its keys are deleted and compacted away is
// never told of these deletes by etcd: only the list tells.
func TestFollowDerivesDeletesThatWereCompactedAway(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	ctx := t.Context()
	direct, err := etcd.New(etcd.Config{Endpoints: c.Endpoints()[1:]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	for i := range 3 {
		if _, err := direct.Put(ctx, fmt.Sprintf("/a/%d", i), "v"); err != nil {
			t.Fatal(err)
		}
	}
	cutOff := c.Members[0]
	alone, err := etcd.New(etcd.Config{Endpoints: []string{cutOff.Endpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(alone.Close)
	r := follow(t, alone, etcd.Range{Key: "/a/", Prefix: true})
	r.until("three keys", func() bool { return len(r.keys) == 3 })

	cutOff.Stop()
	// It may have led: then the others are electing, and each write is made until
	// one is acknowledged. To make any of these twice changes nothing.
	var rev int64
	again(t, func() error {
		resp, err := direct.Delete(ctx, "/a/1")
		if err == nil {
			rev = resp.Header.Revision
		}
		return err
	})
	again(t, func() error { _, err := direct.Put(ctx, "/b", "v"); return err })
	again(t, func() error {
		_, err := direct.Compact(ctx, rev+1, clientv3.WithCompactPhysical())
		if errors.Is(rpctypes.Error(err), rpctypes.ErrCompacted) {
			return nil
		}
		return err
	})
	cutOff.Start()
	r.until("the delete", func() bool { _, ok := r.keys["/a/1"]; return !ok && len(r.keys) == 2 })
}

func TestFollowNoticesASilentMember(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	r := follow(t, c.Client(), etcd.Range{Key: "/a/", Prefix: true})
	r.until("a list", func() bool { return r.lists == 1 })
	// One member after the other hangs while nothing changes; whichever holds the
	// watch, a change made meanwhile must arrive long before gRPC's own ping (13 s)
	// would have noticed.
	for i, m := range c.Members {
		m.Cut()
		direct := c.Members[(i+1)%3]
		cli, err := etcd.New(etcd.Config{Endpoints: []string{direct.Endpoint()}})
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprintf("/a/%d", i)
		if _, err := cli.Put(t.Context(), key, "v"); err != nil {
			t.Fatal(err)
		}
		cli.Close()
		start := time.Now()
		r.until(key, func() bool { return r.keys[key] == "v" })
		if d := time.Since(start); d > 11*time.Second {
			t.Errorf("%s hung: the change took %v", m.Name, d)
		}
		m.Mend()
	}
}

// Members that hang one after the other are each noticed as soon as the first: that the next
// one answers at once tells that the store is not slow.
func TestFollowNoticesEachSilentMemberAsSoon(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	watched := make(chan string, 100)
	client, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
		if call.Method == "Watch" && call.Err == nil {
			watched <- "http://" + call.Endpoint
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	r := follow(t, client, etcd.Range{Key: "/a/", Prefix: true})
	r.until("a list", func() bool { return r.lists == 1 })
	for i := range 4 {
		var at string
		select {
		case at = <-watched:
		case <-time.After(20 * time.Second):
			t.Fatal("no other watch")
		}
		time.Sleep(200 * time.Millisecond) // it stands
		j := slices.IndexFunc(c.Members, func(m *testcluster.Member) bool { return m.Endpoint() == at })
		hung := c.Members[j]
		hung.Cut()
		key := fmt.Sprintf("/a/%d", i)
		direct, err := etcd.New(etcd.Config{Endpoints: []string{c.Members[(j+1)%3].Endpoint()}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := direct.Put(t.Context(), key, "v"); err != nil {
			t.Fatal(err)
		}
		direct.Close()
		start := time.Now()
		r.until(key, func() bool { return r.keys[key] == "v" })
		if d := time.Since(start); d > 9*time.Second { // 3 s of silence, and 2 s without an answer
			t.Errorf("%s hung as number %d: the change took %v", hung.Name, i+1, d)
		}
		hung.Mend()
	}
}

// A watch that is given up must not take the changes along that were made in the
// meantime: not only the last value counts, also what was there in between.
func TestFollowTellsEveryChangeThatWasMadeDuringACut(t *testing.T) {
	t.Parallel()
	if n := changesDuringACut(t, etcd.Follower{}, 20); n != 20 {
		t.Errorf("%d changes were told, 20 were made", n)
	}
}

// For who wants the latest alone the store is not to search its history.
func TestFollowOfTheLatestTellsNoHistory(t *testing.T) {
	t.Parallel()
	if n := changesDuringACut(t, etcd.Follower{Latest: true}, 20); n != 1 {
		t.Errorf("%d changes were told, want the last one", n)
	}
}

// changesDuringACut makes changes of one key while its follower's member is cut off,
// and returns how many the follower is told by the time it knows the last.
func changesDuringACut(t *testing.T, f etcd.Follower, made int) (told int) {
	t.Helper()
	c := testcluster.Start(t, 3)
	cutOff := c.Members[0]
	alone, err := etcd.New(etcd.Config{Endpoints: []string{cutOff.Endpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(alone.Close)
	others, err := etcd.New(etcd.Config{Endpoints: c.Endpoints()[1:]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(others.Close)
	r := followAs(t, alone, f, etcd.Range{Key: "/a/", Prefix: true})
	r.until("a list", func() bool { return r.lists == 1 })
	cutOff.Cut()
	for i := range made {
		if _, err := others.Put(t.Context(), "/a/k", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	r.untilLost()
	cutOff.Mend()
	r.until("the last change", func() bool { return r.keys["/a/k"] == fmt.Sprint(made-1) })
	return r.changes
}

func TestFollowTellsThatTheStoreIsLostAndBack(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	r := follow(t, c.Client(), etcd.Range{Key: "/a/", Prefix: true})
	r.until("a list", func() bool { return r.lists == 1 })
	c.Members[0].Stop()
	r.untilLost()
	c.Members[0].Start()
	r.until("an update once the store is back", func() bool { return r.lists >= 2 })
}

// A watch that begins after the store's last revision is not answered when it is
// asked for its progress: nothing is lost for that.
func TestFollowOfAQuietStoreIsNotLost(t *testing.T) {
	t.Parallel()
	cli := testcluster.Start(t, 1).Client()
	if _, err := cli.Put(t.Context(), "/a/1", "v"); err != nil {
		t.Fatal(err)
	}
	r := follow(t, cli, etcd.Range{Key: "/a/", Prefix: true})
	r.until("a list", func() bool { return r.lists == 1 })
	time.Sleep(7 * time.Second) // for a question and the time for its answer
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost > 0 || r.lists > 1 || r.changes != 1 {
		t.Errorf("lost %d times, listed %d times, %d changes told", r.lost, r.lists, r.changes)
	}
}

func TestWatchGoesOnAtAnotherMemberWithoutAWord(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	streams := make(chan string, 1)
	var r *replica
	var at *testcluster.Member
	for at == nil { // its own member is not to be the leader: an election is a loss
		client, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
			if call.Method == "Watch" && call.Err == nil {
				select {
				case streams <- "http://" + call.Endpoint:
				default:
				}
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		r = follow(t, client, etcd.Range{Key: "/a/", Prefix: true})
		endpoint := <-streams
		for _, m := range c.Members {
			if m.Endpoint() == endpoint && m != c.Leader() {
				at = m
			}
		}
	}
	writer, err := etcd.New(etcd.Config{Endpoints: []string{c.Leader().Endpoint()}}) // which stays
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(writer.Close)
	put := func(key string) {
		if _, err := writer.Put(t.Context(), key, "v"); err != nil {
			t.Fatal(err)
		}
		r.until(key, func() bool { return r.keys[key] == "v" })
	}
	put("/a/before")
	time.Sleep(1100 * time.Millisecond) // a watch that ends sooner is not trusted
	at.Stop()
	put("/a/after")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lists != 1 || r.lost != 0 {
		t.Errorf("%d lists, lost %d times", r.lists, r.lost)
	}
}

// What a watch has missed comes in responses that are larger than a server sends: it
// parts them, also within a revision.
func TestResponsesThatAreSentInPartsAreToldWhole(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	const txns, puts = 60, 10
	value := string(make([]byte, 10<<10))
	var first int64
	for i := range txns {
		ops := make([]clientv3.Op, puts)
		for j := range ops {
			ops[j] = clientv3.OpPut(fmt.Sprintf("/a/%d-%d", i, j), value)
		}
		resp, err := cli.Txn(t.Context()).Then(ops...).Commit()
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = resp.Header.Revision
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	told := make(map[string]int)
	err := c.Client().Tail(ctx, []etcd.Range{{Key: "/a/", Prefix: true}}, first-1, etcd.Follower{Update: func(u etcd.Update) {
		for _, change := range u.Changes {
			told[change.Key]++
		}
		if len(told) == txns*puts {
			cancel()
		}
	}})
	if len(told) != txns*puts {
		t.Errorf("%d of %d changes were told: %v", len(told), txns*puts, err)
	}
	for key, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", key, n)
		}
	}
}
