package members

import (
	"slices"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestAlarmOfAMemberThatIsDownIsToldByTheOthersUntilItIsDisarmed(t *testing.T) {
	t.Parallel()
	rows := []model.Member{
		{ID: "ff", State: model.MemberDown},
		{ID: "1", State: model.MemberUp, Errors: []string{"memberID:255 alarm:NOSPACE"}},
	}
	addAlarms(rows)
	if !slices.Equal(rows[0].Alarms, []string{"NOSPACE"}) || len(rows[1].Alarms) > 0 {
		t.Errorf("armed: %q and %q", rows[0].Alarms, rows[1].Alarms)
	}
	rows[1].Errors = nil
	addAlarms(rows)
	if len(rows[0].Alarms) > 0 {
		t.Errorf("disarmed: %q", rows[0].Alarms)
	}
}
