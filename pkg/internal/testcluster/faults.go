package testcluster

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"google.golang.org/grpc"
)

// BeforeRenewals makes members call a function before they serve a renewal of a lease, with
// the context of its stream and the member's name.
func BeforeRenewals(f func(ctx context.Context, member string)) Option {
	return func(cfg *embed.Config) {
		intercept(cfg, grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, serve grpc.StreamHandler) error {
			if strings.HasSuffix(info.FullMethod, "/LeaseKeepAlive") {
				stream = delayedStream{stream, func() { f(stream.Context(), cfg.Name) }}
			}
			return serve(srv, stream)
		}))
	}
}

func intercept(cfg *embed.Config, option grpc.ServerOption) {
	cfg.GRPCAdditionalServerOptions = append(cfg.GRPCAdditionalServerOptions, option)
}

type delayedStream struct {
	grpc.ServerStream
	received func()
}

func (s delayedStream) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil {
		s.received()
	}
	return err
}

// HoldRenewals makes members leave renewals unanswered while they are held.
func HoldRenewals(held func(member string) bool) Option {
	return BeforeRenewals(func(ctx context.Context, member string) { hold(ctx, member, held) })
}

func hold(ctx context.Context, member string, held func(member string) bool) {
	for held(member) && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
}

// HoldStatus makes members leave the question for their status unanswered while they are
// held.
func HoldStatus(held func(member string) bool) Option {
	return func(cfg *embed.Config) {
		intercept(cfg, grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, serve grpc.UnaryHandler) (any, error) {
			if strings.HasSuffix(info.FullMethod, "/Status") {
				if hold(ctx, cfg.Name, held); ctx.Err() != nil {
					return nil, ctx.Err()
				}
			}
			return serve(ctx, req)
		}))
	}
}

// FreezeStatus makes members answer for their status, while it is frozen, with what they
// said when they were asked first: as one does whose disk hangs, and raft with it.
func FreezeStatus(frozen func(member string) bool) Option {
	return func(cfg *embed.Config) {
		var mu sync.Mutex
		var said any
		intercept(cfg, grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, serve grpc.UnaryHandler) (any, error) {
			if !strings.HasSuffix(info.FullMethod, "/Status") || !frozen(cfg.Name) {
				return serve(ctx, req)
			}
			mu.Lock()
			defer mu.Unlock()
			if said != nil {
				return said, nil
			}
			resp, err := serve(ctx, req)
			if err == nil {
				said = resp
			}
			return resp, err
		}))
	}
}
