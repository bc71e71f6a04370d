package printer

import (
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func memberTimeline() []model.DrillMark {
	return []model.DrillMark{
		{Event: model.MarkLastWrite, At: -0.0041},
		{Event: model.MarkSignal, Detail: "SIGKILL to etcd-1"},
		{Event: model.MarkFirstError, At: 0.0019, Detail: "through etcd-1: " + hostileText},
		{Event: model.MarkNewLeader, At: 1.3121, Detail: "etcd-3 leads term 13"},
		{Event: model.MarkFirstWrite, At: 1.3204, Detail: "none for 1325 ms"},
		{Event: model.MarkWatch, At: 1.3204},
		{Event: model.MarkHeartbeats, At: 12.3207, Detail: "2 fell due meanwhile"},
	}
}

func drillRun(name, next string, gap float64) model.DrillRun {
	return model.DrillRun{
		Target: model.DrillEtcd, Method: model.DrillKill, Name: name, Term: 12, Time: observed.Add(-time.Minute),
		Successor: next, SuccessorTerm: 13, Timeline: memberTimeline(),
		Gaps: map[model.DrillGap]float64{model.GapLeader: gap, model.GapWrites: gap + 0.01},
	}
}

// soundDrill is one of several runs in which every promise was kept.
func soundDrill() *model.Drill {
	return &model.Drill{
		TypeMeta: meta(model.KindDrill), ElectionTimeout: 1,
		Runs: []model.DrillRun{drillRun("etcd-1", "etcd-3", 1.3121), drillRun("etcd-3", "etcd-2", 1.0017)},
		Gaps: []model.DrillStatistic{
			{Target: model.DrillEtcd, Gap: model.GapLeader, Runs: 2, P50: 1.0017, P99: 1.3121, Max: 1.3121},
			{Target: model.DrillEtcd, Gap: model.GapWrites, Runs: 2, P50: 1.0117, P99: 1.3221, Max: 1.3221},
			{Target: model.DrillAggregator, Gap: model.GapOffice, Runs: 2, P50: 0.0151, P99: 0.0196, Max: 0.0196},
		},
		Proof: []model.DrillPromise{
			{Of: "acknowledged writes", Fault: "lost", Checked: 1284},
			{Of: "nodes", Fault: "falsely shown Dead", Checked: 3},
		},
	}
}

// brokenDrill is a single run in which promises were broken.
func brokenDrill() *model.Drill {
	return &model.Drill{
		TypeMeta: meta(model.KindDrill),
		Runs:     []model.DrillRun{drillRun("etcd-1", "etcd-3", 1.3121)},
		Gaps:     []model.DrillStatistic{{Target: model.DrillEtcd, Gap: model.GapLeader, Runs: 1, P50: 1.3, P99: 1.3, Max: 1.3}},
		Proof: []model.DrillPromise{
			{Of: "acknowledged writes", Fault: "lost", Checked: 1284, Broken: 7, Details: []string{
				`"/monitor/drill/q/0000000000000000012", acknowledged as "q/12" at revision 412, is not there when read through etcd-2`, hostileText,
			}},
			{Of: "nodes", Fault: "falsely shown Dead", Checked: 3},
		},
	}
}

// gracefulDrill is of runs in which no signal could be sent.
func gracefulDrill() *model.Drill {
	d := soundDrill()
	d.Runs = d.Runs[:1]
	d.Runs[0].Graceful = `you may not patch pods/ephemeralcontainers "etcd-1" in namespace "etcd"`
	return d
}
