package etcd

import (
	"context"
	"path"

	"google.golang.org/grpc"
)

// hearStreams tells of the messages that streams bring.
func hearStreams(told func(method string)) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		stream, err := open(ctx, desc, cc, method, opts...)
		if err != nil {
			return nil, err
		}
		return &heardStream{stream, path.Base(method), told}, nil
	}
}

type heardStream struct {
	grpc.ClientStream
	method string
	told   func(method string)
}

func (s *heardStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil {
		s.told(s.method)
	}
	return err
}
