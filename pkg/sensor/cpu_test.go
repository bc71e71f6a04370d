package sensor

import (
	"testing"

	"github.com/shirou/gopsutil/v3/cpu"
)

func TestBusyPercent(t *testing.T) {
	for name, c := range map[string]struct {
		last, now cpu.TimesStat
		want      float64
	}{
		"idle":                       {cpu.TimesStat{Idle: 5}, cpu.TimesStat{Idle: 9}, 0},
		"all busy":                   {cpu.TimesStat{Idle: 5}, cpu.TimesStat{Idle: 5, User: 3, Nice: 1, System: 2, Irq: 1, Softirq: 1}, 100},
		"waiting for a disk is idle": {cpu.TimesStat{}, cpu.TimesStat{User: 1, Iowait: 3}, 25},
		"stolen is busy":             {cpu.TimesStat{}, cpu.TimesStat{Idle: 1, Steal: 3}, 75},
		"guest is in user":           {cpu.TimesStat{}, cpu.TimesStat{Idle: 6, User: 2, Guest: 2, Nice: 2, GuestNice: 2}, 40},
		"iowait went back":           {cpu.TimesStat{Iowait: 50}, cpu.TimesStat{Iowait: 10, Idle: 3, User: 1}, 25},
		"idle went back":             {cpu.TimesStat{Idle: 50}, cpu.TimesStat{Idle: 10, Iowait: 3, User: 1}, 25},
	} {
		if got, ok := busyPercent(c.last, c.now); !ok || got != c.want {
			t.Errorf("%s: %v %v, want %v", name, got, ok, c.want)
		}
	}
}

func TestBusyPercentNeedsTimeToPass(t *testing.T) {
	same := cpu.TimesStat{User: 1, Idle: 1}
	for name, now := range map[string]cpu.TimesStat{"same": same, "all back": {}} {
		if got, ok := busyPercent(same, now); ok {
			t.Errorf("%s: %v, want none", name, got)
		}
	}
}
