package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/signaler"
)

// startPoll is how often it is looked whether a signaler has started.
const startPoll = 100 * time.Millisecond

// signalerIn starts a signaler in a pod and connects to it, in ctx's time.
func (c *Cluster) signalerIn(ctx context.Context, pod *corev1.Pod, like *corev1.Container, executable string) (*signalLine, error) {
	container, port := signalContainer(like, pod, executable)
	if err := c.addContainer(ctx, pod, container); err != nil {
		return nil, err
	}
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	var failed error
	for {
		runs, err := c.started(ctx, pod, container.Name)
		if err != nil {
			return nil, fmt.Errorf("start container %q of image %q in pod %q: %w", container.Name, container.Image, pod.Name, err)
		}
		if runs {
			var line *signalLine
			if line, failed = c.signalLine(ctx, pod, port); final(failed) {
				return line, failed
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for container %q of image %q in pod %q: %w", container.Name, container.Image, pod.Name, errors.Join(ctx.Err(), failed))
		case <-tick.C:
		}
	}
}

// final reports whether it is of no use to connect once more.
func final(err error) bool {
	_, answered := errors.AsType[*signalError](err)
	_, denied := errors.AsType[*DeniedError](err)
	return err == nil || answered || denied
}

// signalError is what a signaler has answered.
type signalError struct{ answer string }

func (e *signalError) Error() string { return e.answer }

// signalLine is a connection to a signaler in a pod. The signaler ends with it.
type signalLine struct {
	conn    net.Conn
	answers *bufio.Reader
}

// signalLine connects to a signaler, which must find its process.
func (c *Cluster) signalLine(ctx context.Context, pod *corev1.Pod, port string) (*signalLine, error) {
	conn, err := c.forward(ctx, pod.Namespace, pod.Name, port)
	if err != nil {
		return nil, fmt.Errorf("port-forward to pod %q: %w", pod.Name, err)
	}
	line := &signalLine{conn, bufio.NewReader(conn)}
	if _, err := line.ask(ctx, signaler.Find); err != nil {
		line.close()
		return nil, err
	}
	return line, nil
}

// ask sends a request and waits for the answer. It returns the moment halfway
// between the two, by the own clock: what was asked for happened in between, so
// that this is wrong by half of that time at most. A connection that has not
// answered is closed.
func (l *signalLine) ask(ctx context.Context, r signaler.Request) (time.Time, error) {
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	defer stop()
	asked := time.Now()
	answer := ""
	_, err := fmt.Fprintln(l.conn, r)
	if err == nil {
		answer, err = l.answers.ReadString('\n')
	}
	took := time.Since(asked)
	switch answer = strings.TrimSpace(answer); {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil:
		_ = l.conn.Close()
	case answer != signaler.OK:
		return asked, &signalError{answer}
	}
	return asked.Add(took / 2), err
}

// close ends the signaler, and lets go on what it has paused.
func (l *signalLine) close() { _ = l.conn.Close() }
