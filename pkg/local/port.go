package local

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

const loopback = "127.0.0.1"

// Ports are chosen below the ephemeral ranges of Linux (32768 to 60999) and
// macOS (49152 to 65535), so that no outgoing connection takes the port of a
// process that is down.
const (
	minPort = 10000
	maxPort = 30000

	portTries = 1000
)

func loopbackAddress(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
func loopbackURL(port int) string     { return "http://" + loopbackAddress(port) }

// freePorts picks n different ports at random on which nobody listens now. Those
// that are reserved belong to processes that may not run.
func freePorts(n int, reserved []int) ([]int, error) {
	taken := make(map[int]bool)
	for _, port := range reserved {
		taken[port] = true
	}
	var ports []int
	for range portTries {
		if len(ports) == n {
			return ports, nil
		}
		port := minPort + rand.IntN(maxPort-minPort)
		if !taken[port] && tryPort(port) == nil {
			ports = append(ports, port)
		}
		taken[port] = true
	}
	return nil, fmt.Errorf("find %d free ports on %s between %d and %d: too few are free", n, loopback, minPort, maxPort)
}

func tryPort(port int) error {
	l, err := net.Listen("tcp", loopbackAddress(port))
	if err != nil {
		return err
	}
	return l.Close()
}

// checkPorts reports every port that somebody else holds of processes to be started.
func checkPorts(records []*record) error {
	var problems []error
	for _, r := range records {
		for _, port := range r.ports() {
			if err := tryPort(port); err != nil {
				problems = append(problems, &PortTakenError{Process: r.Name, Port: port, Err: err})
			}
		}
	}
	return errors.Join(problems...)
}
