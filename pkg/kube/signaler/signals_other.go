//go:build !unix

package signaler

import "os"

// signals are the requests that send one: none, for pods are Linux's.
var signals map[Request]os.Signal
