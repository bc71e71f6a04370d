package model

import "testing"

func TestSlipIsRecognised(t *testing.T) {
	for name, want := range map[string]string{
		"cpuu": "cpu", "CPU": "cpu", "pcu": "cpu", "memmory": "memory", "disk_read": "disk read",
		"diskwrite": "disk write", "net-in": "net in", "load": "load1",
		"gpu": "cpu", "mem": "", "": "", "x": "", "disk": "", "temperature": "",
	} {
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		if got := DidYouMean(name, MetricNames()); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
