package etcd

import (
	"context"
	"path"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/peer"
)

// Call is one call as it went over the wire. It holds no keys and no values.
type Call struct {
	Method   string // the method's name, as Range or Txn
	Endpoint string // the address that answered; empty if none was reached
	Took     time.Duration
	Stream   bool // the start of a stream, not its end
	Err      error
}

func traceCalls(told func(Call)) []grpc.DialOption {
	address := func(p *peer.Peer) string {
		if p.Addr == nil {
			return ""
		}
		return p.Addr.String()
	}
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			var p peer.Peer
			start := time.Now()
			err := invoke(ctx, method, req, reply, cc, append(opts, grpc.Peer(&p))...)
			told(Call{Method: path.Base(method), Endpoint: address(&p), Took: time.Since(start), Err: err})
			return err
		}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			start := time.Now()
			stream, err := open(ctx, desc, cc, method, opts...)
			call := Call{Method: path.Base(method), Took: time.Since(start), Stream: true, Err: err}
			if err == nil {
				if p, ok := peer.FromContext(stream.Context()); ok { //nolint:contextcheck // the stream knows its peer
					call.Endpoint = address(p)
				}
			}
			told(call)
			return stream, err
		}),
	}
}
