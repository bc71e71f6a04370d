package drill

import (
	"cmp"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// tickInterval is how often it is told that nothing has happened yet.
const tickInterval = 100 * time.Millisecond

// teller tells a timeline as it happens, each mark once.
type teller struct {
	tell   func(News)
	told   map[model.DrillEvent]bool
	ticked float64
	// hold is how long a mark is held back before it is told, so that marks are
	// told in the order of their times although some are known late.
	hold time.Duration
}

func (d *drill) teller() *teller {
	return &teller{tell: d.Tell, told: make(map[model.DrillEvent]bool), hold: quiet + d.Latency + 2*probeInterval}
}

// tick tells the marks that are old enough, and now and then the time; now is in
// seconds since the signal.
func (t *teller) tick(marks []model.DrillMark, now, without float64) {
	t.marks(marks, now-t.hold.Seconds())
	if now-t.ticked >= tickInterval.Seconds() {
		t.ticked = now
		t.tell(Ticking{At: now, Without: without})
	}
}

// rest tells what is left, and finishes the run's timeline.
func (t *teller) rest(run *model.DrillRun) {
	for _, m := range run.Timeline {
		t.marks(run.Timeline, m.At)
	}
	run.Gaps = gapsOf(run.Timeline)
}

func (t *teller) marks(marks []model.DrillMark, upTo float64) {
	slices.SortStableFunc(marks, func(a, b model.DrillMark) int { return cmp.Compare(a.At, b.At) })
	for _, m := range marks {
		if !t.told[m.Event] && m.At <= upTo {
			t.told[m.Event] = true
			t.tell(Marked{m})
		}
	}
}
