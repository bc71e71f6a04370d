package members

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// alarm is how a member's status words one, among its errors.
var alarm = regexp.MustCompile(`memberID:(\d+)\s+alarm:(\w+)`)

// ParseAlarm finds in an error that a member reports the alarm that it stands
// for, and the id of the member that raised it.
func ParseAlarm(text string) (memberID, name string, ok bool) {
	m := alarm.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	id, err := strconv.ParseUint(m[1], 10, 64)
	return hex(id), m[2], err == nil
}

// addAlarms gives every member the alarms that it raised, whoever tells of them.
// The call that lists them would cost a raft entry, and never return without a
// quorum.
func addAlarms(rows []model.Member) {
	for i := range rows {
		rows[i].Alarms = nil
	}
	for _, teller := range rows {
		for _, text := range teller.Errors {
			id, name, ok := ParseAlarm(text)
			i := slices.IndexFunc(rows, func(m model.Member) bool { return m.ID == id })
			if ok && i >= 0 && !slices.Contains(rows[i].Alarms, name) {
				rows[i].Alarms = append(rows[i].Alarms, name)
			}
		}
	}
}

// addLag tells how many entries each member's state is behind the newest that
// any of them knows of. The statuses are a moment apart, so a busy cluster shows
// a few.
func addLag(rows []model.Member) {
	var newest uint64
	for _, r := range rows {
		if r.RaftIndex != nil {
			newest = max(newest, *r.RaftIndex)
		}
	}
	for i := range rows {
		if r := &rows[i]; r.RaftApplied != nil {
			lag := newest - min(newest, *r.RaftApplied)
			r.RaftLag = &lag
		}
	}
}
