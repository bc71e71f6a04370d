package kube

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// kubeletTimeout bounds the question to one kubelet, kubeletsTimeout those to
	// all of them, of which kubeletsAtOnce wait at a time.
	kubeletTimeout  = 1500 * time.Millisecond
	kubeletsTimeout = 2 * kubeletTimeout
	kubeletsAtOnce  = 20

	maxLogLine = 4 << 10 // bytes
)

// Kubelets asks nodes, by their names, how their agents are: for the last line of
// the agent's log, which the API server fetches from the kubelet there and then.
// Kubernetes itself notices a dead node only after some 40 s. A node is left out of
// the answer where nothing was found out. The error names a right that is missing;
// what the others told is returned all the same.
func (c *Cluster) Kubelets(ctx context.Context, nodes []model.NodeFacts) (map[string]model.Kubelet, error) {
	ctx, cancel := context.WithTimeout(ctx, kubeletsTimeout)
	defer cancel()
	var (
		asking errgroup.Group
		mu     sync.Mutex
		told   = make(map[string]model.Kubelet)
		denied error
	)
	asking.SetLimit(kubeletsAtOnce)
	for i := range nodes {
		f := &nodes[i]
		if f.Agent == nil || f.Agent.Node == "" {
			continue
		}
		asking.Go(func() error {
			k, err := c.kubelet(ctx, f.Agent.Name)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				denied = err
			} else if k != nil {
				told[f.Name] = *k
			}
			return nil
		})
	}
	_ = asking.Wait()
	return told, denied
}

// kubelet asks the kubelet of an agent's pod. It returns neither where nothing can
// be concluded from what came of it.
func (c *Cluster) kubelet(ctx context.Context, pod string) (*model.Kubelet, error) {
	one, cancel := context.WithTimeout(ctx, kubeletTimeout)
	defer cancel()
	result := c.Client.CoreV1().Pods(c.AgentNamespace).
		GetLogs(pod, &corev1.PodLogOptions{TailLines: new(int64(1)), LimitBytes: new(int64(maxLogLine))}).Do(one)
	err := result.Error()
	refusal, refused := errors.AsType[*apierrors.StatusError](err)
	switch {
	case err == nil:
		line, err := result.Raw()
		k := &model.Kubelet{Answers: err == nil}
		k.AgentSays, k.AgentFails = readLogLine(string(line))
		return k, err
	case ctx.Err() != nil:
		return nil, nil // it did not get its turn, or nobody wants to know any more
	case errors.Is(err, context.DeadlineExceeded):
		return &model.Kubelet{Reason: "no answer in time"}, nil
	case apierrors.IsForbidden(err):
		return nil, &DeniedError{Access{Verb: "get", Resource: "pods/log", Namespace: c.AgentNamespace}, err}
	case apierrors.IsBadRequest(err): // its own words: the container waits to start
		return &model.Kubelet{Answers: true}, nil
	case refused && refusal.ErrStatus.Code >= http.StatusInternalServerError:
		return &model.Kubelet{Reason: cause(err)}, nil
	}
	return nil, nil
}

// readLogLine reads a line of an agent's log, in either of its formats, or the error
// that it ended with, and tells whether it is more than information. Of any other
// line, such as what a kubelet writes in the place of a log, it returns nothing.
func readLogLine(line string) (says string, fails bool) {
	line, _, _ = strings.Cut(strings.TrimSpace(line), "\n")
	if strings.HasPrefix(line, "error: ") {
		return line, true
	}
	var entry struct {
		Level   string `json:"level"`
		Message string `json:"msg"`
		Err     string `json:"err"`
	}
	if json.Unmarshal([]byte(line), &entry) == nil && entry.Message != "" {
		says = entry.Message
		if entry.Err != "" {
			says += ": " + etcd.Reason(errors.New(entry.Err))
		}
		return says, severe(entry.Level)
	}
	if _, after, ok := strings.Cut(line, " level="); ok {
		level, said, _ := strings.Cut(after, " ")
		return said, severe(level)
	}
	return "", false
}

func severe(level string) bool { return level == "WARN" || level == "ERROR" }
