package etcd

import "context"

// TailFrom is Tail where the ranges have been told up to different revisions.
func (c *Client) TailFrom(ctx context.Context, ranges []Range, told []int64, update func(Update)) error {
	m := newMirror(c, ranges, Follower{Update: update})
	copy(m.told, told)
	return m.watch(ctx)
}
