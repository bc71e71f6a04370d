package drill

import (
	"math"
	"slices"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// statistics sums the gaps of runs up, in the order in which they are shown.
func statistics(runs []model.DrillRun) []model.DrillStatistic {
	all := []model.DrillStatistic{}
	for _, target := range []model.DrillTarget{model.DrillEtcd, model.DrillAggregator} {
		for _, gap := range model.DrillGaps() {
			var seconds []float64
			for i := range runs {
				if s, ok := runs[i].Gaps[gap]; ok && runs[i].Target == target {
					seconds = append(seconds, s)
				}
			}
			if len(seconds) == 0 {
				continue
			}
			slices.Sort(seconds)
			all = append(all, model.DrillStatistic{
				Target: target, Gap: gap, Runs: len(seconds),
				P50: percentile(seconds, 50), P99: percentile(seconds, 99), Max: seconds[len(seconds)-1],
			})
		}
	}
	return all
}

// percentile is the least of the sorted values that p percent of them do not
// exceed (nearest rank).
func percentile(sorted []float64, p float64) float64 {
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// total sums promises up over runs, by what they are of.
func total(promises []model.DrillPromise) []model.DrillPromise {
	var sums []model.DrillPromise
	for _, p := range promises {
		i := slices.IndexFunc(sums, func(s model.DrillPromise) bool { return s.Of == p.Of && s.Fault == p.Fault })
		if i < 0 {
			sums = append(sums, model.DrillPromise{Of: p.Of, Fault: p.Fault})
			i = len(sums) - 1
		}
		sums[i].Checked += p.Checked
		sums[i].Broken += p.Broken
		sums[i].Details = firstFew(append(sums[i].Details, p.Details...))
	}
	return sums
}

// maxDetails is how many faults a promise names.
const maxDetails = 5

func firstFew(details []string) []string { return details[:min(maxDetails, len(details))] }

// promise makes a promise's account of the faults found.
func promise(of, fault string, checked int, faults []string) model.DrillPromise {
	return model.DrillPromise{Of: of, Fault: fault, Checked: checked, Broken: len(faults), Details: firstFew(faults)}
}
