package printer_test

import (
	"bytes"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

func TestVersionsAndTargetsAsTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		record any
		want   string
	}{
		{
			model.VersionInfo{
				Client:  model.ClientVersion{Version: "v1", Go: "go1", Platform: "linux/amd64"},
				Servers: []model.ServerVersion{{Name: "etcd-1", State: model.MemberUp, Version: "3.7.3", Storage: "3.7.0"}, {Name: "etcd-2", State: model.MemberDown, Reason: "connection refused"}},
			},
			`Client: v1 (go1, linux/amd64)

NAME     STATE   VERSION   STORAGE   REASON
etcd-1   Up      3.7.3     3.7.0     -
etcd-2   Down    -         -         connection refused
`,
		},
		{
			model.TargetList{Items: []model.TargetItem{{Name: "lab", Current: true, Endpoints: []string{"http://a:1", "http://b:1"}}, {Name: "local"}}},
			`NAME    CURRENT   ENDPOINTS
lab     *         http://a:1,http://b:1
local   -         -
`,
		},
	} {
		var b bytes.Buffer
		if err := printer.Print(&b, c.record, printer.Options{}); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.want {
			t.Errorf("got:\n%swant:\n%s", b.String(), c.want)
		}
	}
}
