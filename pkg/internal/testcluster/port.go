package testcluster

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
)

// The ports that members use: below those that systems hand out by themselves,
// so that nobody is given the port of a member that is stopped or not yet
// started.
const (
	firstPort = 10_000
	ports     = 20_000
	// A test process begins this far from the one before it.
	portsPerProcess = 257
)

// handedOut counts the ports that this process has given to members.
var handedOut atomic.Int64

// freeURL picks a free loopback port that no other member of this process has had.
func freeURL(t testing.TB) url.URL {
	t.Helper()
	var err error
	for range ports {
		n := int64(os.Getpid())*portsPerProcess + handedOut.Add(1)
		host := fmt.Sprintf("127.0.0.1:%d", firstPort+n%ports)
		var l net.Listener
		if l, err = net.Listen("tcp", host); err == nil {
			_ = l.Close()
			return url.URL{Scheme: "http", Host: host}
		}
	}
	t.Fatalf("find a free port: %v", err)
	return url.URL{}
}
