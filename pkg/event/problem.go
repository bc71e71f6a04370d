package event

import (
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// decode makes an event of a key and its value. Where only the value is none, the
// number is returned with the error.
func decode(kv *mvccpb.KeyValue) (seq int64, e *model.Event, err error) {
	if seq, err = keys.EventSeq(string(kv.Key)); err != nil {
		return 0, nil, err
	}
	if e, err = model.DecodeEvent(kv.Value); err != nil {
		return seq, nil, fmt.Errorf("event %d: %w", seq, err)
	}
	e.Seq = seq // the key decides
	return seq, e, nil
}

// Bounds of what strangers can make us say.
const (
	maxProblems      = 20
	maxProblemLength = 300 // bytes
)

// problems says what is wrong with what was read, in not too many words.
type problems struct {
	texts []string
	more  int
}

func (p *problems) add(text string) {
	if len(p.texts) == maxProblems {
		p.more++
		return
	}
	if len(text) > maxProblemLength {
		text = strings.ToValidUTF8(text[:maxProblemLength], "") + "…"
	}
	p.texts = append(p.texts, text)
}

func (p *problems) told() []string {
	if p.more > 0 {
		return append(p.texts, fmt.Sprintf("and %d more like these", p.more))
	}
	return p.texts
}
