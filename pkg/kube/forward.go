package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	constants "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/websocket"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// Dial connects to an address of a pod through the API server: HOST:PORT, whose
// first label is the pod's name, as in etcd-0.etcd-service.etcd.svc:2379. Each
// connection is a port-forward of its own, so that the loss of one pod or node
// concerns no other, and a pod that is replaced is found by the next one.
func (c *Cluster) Dial(ctx context.Context, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	pod, _, _ := strings.Cut(host, ".")
	conn, err := c.forward(ctx, c.Namespace, pod, port)
	if err != nil {
		return nil, fmt.Errorf("port-forward to pod %s: %w", pod, err)
	}
	return conn, nil
}

// forward opens a stream to a port of a pod, over a WebSocket that carries SPDY
// frames: what `kubectl port-forward` does, without a local port.
func (c *Cluster) forward(ctx context.Context, namespace, pod, port string) (net.Conn, error) {
	access := Access{Verb: "create", Resource: "pods/portforward", Namespace: namespace, Name: pod}
	url := c.Client.CoreV1().RESTClient().Get().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward").URL()
	transport, holder, err := websocket.RoundTripperFor(c.REST)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	socket, err := websocket.Negotiate(transport, holder, req, constants.WebsocketsSPDYTunnelingPortForwardV1)
	if err != nil {
		return nil, c.refusal(ctx, err, access)
	}
	// The tunnel sends a ping every so often, which notices an API server that is
	// gone.
	session, err := spdy.NewClientConnectionWithPings(portforward.NewTunnelingConnection("client", socket), portforward.PingPeriod)
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	conn, err := open(session, pod, port)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return conn, nil
}

// refusal says why the API server has not opened a port-forward.
func (c *Cluster) refusal(ctx context.Context, err error, access Access) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failure, ok := errors.AsType[*httpstream.UpgradeFailureError](err); ok {
		err = failure.Cause
	}
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok {
		if get := access; apierrors.IsForbidden(status) { // an upgraded GET needs both verbs
			if get.Verb = "get"; !c.may(ctx, get) {
				access = get
			}
		}
		return c.explain(status, access)
	}
	// "websocket: bad handshake (500 Internal Server Error): pod not found"
	if _, reason, ok := strings.Cut(err.Error(), "): "); ok {
		return errors.New(reason)
	}
	return err
}

// open opens the two streams of one forwarded connection.
func open(session httpstream.Connection, pod, port string) (net.Conn, error) {
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, port)
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(0))
	failures, err := session.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	if err := failures.Close(); err != nil { // nothing is written to it
		return nil, err
	}
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := session.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	conn := &forwarded{Stream: data, session: session, address: podAddress(net.JoinHostPort(pod, port))}
	conn.watching.Go(func() {
		if message, err := io.ReadAll(failures); err == nil && len(message) > 0 {
			conn.fail(errors.New(reasonOf(string(message))))
		}
	})
	return conn, nil
}

// reasonOf is the end of what a kubelet says: "… failed to connect to localhost:2379
// inside namespace …: connect: connection refused".
func reasonOf(message string) string {
	message = strings.TrimSpace(message)
	if i := strings.LastIndex(message, ": "); i >= 0 {
		return message[i+2:]
	}
	return message
}

// forwarded is a connection to a pod's port.
type forwarded struct {
	httpstream.Stream
	session  httpstream.Connection
	address  podAddress
	watching sync.WaitGroup

	mu  sync.Mutex
	err error // why the other end has not taken the connection
}

func (f *forwarded) fail(err error) {
	f.mu.Lock()
	f.err = err
	f.mu.Unlock()
	_ = f.session.Close()
}

func (f *forwarded) Read(p []byte) (int, error) {
	n, err := f.Stream.Read(p)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.err != nil {
			return n, f.err
		}
	}
	return n, err
}

// Close ends the port-forward, and does not wait for its other end.
func (f *forwarded) Close() error {
	err := errors.Join(f.Reset(), f.session.Close())
	f.watching.Wait()
	return err
}

func (f *forwarded) LocalAddr() net.Addr  { return podAddress("local") }
func (f *forwarded) RemoteAddr() net.Addr { return f.address }

// Deadlines are not kept: gRPC bounds its handshake, and its calls, by closing.
func (*forwarded) SetDeadline(time.Time) error      { return nil }
func (*forwarded) SetReadDeadline(time.Time) error  { return nil }
func (*forwarded) SetWriteDeadline(time.Time) error { return nil }

// podAddress is POD:PORT.
type podAddress string

func (podAddress) Network() string  { return "port-forward" }
func (a podAddress) String() string { return string(a) }
