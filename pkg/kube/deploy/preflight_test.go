package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

func reasons(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		kind := "refused: "
		if p.Warning {
			kind = "warned: "
		}
		all = append(all, kind+p.Reason)
	}
	return all
}

func TestEtcdWithKnownHolesIsWarnedOf(t *testing.T) {
	t.Parallel()
	for image, warned := range map[string]bool{
		"quay.io/coreos/etcd:v3.7.3": false, "quay.io/coreos/etcd:v3.7.1": false, "quay.io/coreos/etcd:v3.7.0": true,
		"etcd:v3.6.14": false, "etcd:v3.6.13": true, "etcd:3.5.21": true, "etcd:v3.8.0": false,
		"host:5000/etcd": false, "etcd:latest": false, "etcd:v3.6.13@sha256:abc": true,
	} {
		if got := checkImage(image); (len(got) > 0) != warned || len(refusals(got)) > 0 {
			t.Errorf("%s: %v, want a warning: %t", image, reasons(got), warned)
		}
	}
}

func TestMembersGoUpByOneMinorVersion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from, to string
		refused  bool
	}{
		{"etcd:v3.6.14", "etcd:v3.7.3", false}, {"etcd:v3.7.1", "etcd:v3.7.3", false}, {"etcd:v3.7.3", "etcd:v3.7.1", false},
		{"etcd:v3.7.3", "etcd:v3.6.14", true}, {"etcd:v3.5.32", "etcd:v3.7.3", true}, {"etcd:latest", "etcd:v3.5.0", false},
	} {
		if got := checkUpgrade(tc.from, tc.to); (len(got) > 0) != tc.refused {
			t.Errorf("%s to %s: %v, want refused: %t", tc.from, tc.to, reasons(got), tc.refused)
		}
	}
}

// asLive are objects as if they were in a cluster.
func asLive(t *testing.T, o Options) ([]Object, live) {
	t.Helper()
	o.Image = "x:1"
	objects, err := Objects(o, "etcd", "monitor", new(pki.Bundle))
	if err != nil {
		t.Fatal(err)
	}
	found := make(live)
	for _, o := range objects {
		found[key(o.Unstructured)] = o.DeepCopy()
	}
	return objects, found
}

func TestWhatIsNotOursIsRefusedByName(t *testing.T) {
	t.Parallel()
	objects, found := asLive(t, Defaults())
	if got := checkForeign(objects, found); len(got) > 0 {
		t.Errorf("ours: %v", reasons(got))
	}
	for _, k := range []string{"StatefulSet/etcd/etcd", "Namespace//etcd"} {
		found[k].SetLabels(nil)
	}
	found["Namespace//monitor"].SetDeletionTimestamp(new(metav1.Now()))
	want := []string{
		`refused: Namespace "monitor" is being deleted`,
		`refused: StatefulSet "etcd" in namespace "etcd" is not ours: it has no label app.kubernetes.io/managed-by=kubectl-monitor`,
	}
	if diff := cmp.Diff(want, reasons(checkForeign(objects, found))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	leaveForeignNamespaces(objects, found)
	for _, o := range objects {
		if o.GetKind() == kindNamespace && ours(o.Unstructured) != (o.GetName() == "monitor") {
			t.Errorf("namespace %s is claimed: %t", o.GetName(), ours(o.Unstructured))
		}
	}
}

func TestDeployDoesNotRebuildWhatRuns(t *testing.T) {
	t.Parallel()
	_, found := asLive(t, Defaults())
	d := Deployer{Options: Defaults(), store: store{cluster: &kube.Cluster{Config: kube.Config{Namespace: "etcd", AgentNamespace: "monitor"}}}}
	check := func() []string {
		problems, err := d.checkRunning(found)
		if err != nil {
			t.Fatal(err)
		}
		return reasons(problems)
	}
	if got := check(); len(got) > 0 {
		t.Errorf("the same: %v", got)
	}
	d.Members, d.StorageSize, d.StorageClass = 5, "99Gi", "fast"
	delete(found, "Secret/etcd/etcd-ca")
	want := []string{
		"refused: 3 members are deployed, and 5 are asked for",
		`refused: Secret "etcd-ca" with the CA is gone, and members that run trust no other`,
		"refused: the members' volumes have 8Gi, and 99Gi is asked for",
		`refused: the members' volumes are of storage class "", and "fast" is asked for`,
	}
	if diff := cmp.Diff(want, check()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	d.TLS = false
	if got := check(); !slices.Contains(got, "refused: TLS is on, and members cannot change that one by one") {
		t.Errorf("without TLS: %v", got)
	}
}

func TestNodesThatTakeNoMemberSayWhy(t *testing.T) {
	t.Parallel()
	d := Deployer{Options: Options{Tolerations: []corev1.Toleration{{Key: "db", Operator: corev1.TolerationOpEqual, Value: "etcd"}}}}
	for want, spec := range map[string]corev1.NodeSpec{
		"":                          {Taints: []corev1.Taint{{Key: "db", Value: "etcd", Effect: corev1.TaintEffectNoSchedule}, {Key: "x", Effect: corev1.TaintEffectPreferNoSchedule}}},
		"is cordoned":               {Unschedulable: true},
		"has taint db=pg:NoExecute": {Taints: []corev1.Taint{{Key: "db", Value: "pg", Effect: corev1.TaintEffectNoExecute}}},
	} {
		if got := d.unfit(&corev1.Node{Spec: spec}); got != want {
			t.Errorf("a node %q, want %q", got, want)
		}
	}
	if got := d.unfit(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{corev1.LabelOSStable: "windows"}}}); got != "runs windows" {
		t.Errorf("Windows: %q", got)
	}
}

func TestMissingRightsAreNamedOnce(t *testing.T) {
	t.Parallel()
	got := missing([]kube.Access{
		{Verb: "get", Resource: "secrets", Namespace: "etcd"}, {Verb: "patch", Resource: "secrets", Namespace: "etcd"},
		{Verb: "patch", Group: "apps", Resource: "statefulsets", Namespace: "etcd"}, {Verb: "get", Group: "apps", Resource: "statefulsets", Namespace: "etcd"},
		{Verb: "create", Resource: "namespaces"},
	})
	want := []string{"refused: you may not create namespaces", `refused: you may not get, patch secrets, statefulsets.apps in namespace "etcd"`}
	if diff := cmp.Diff(want, reasons(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConflictNamesManagerAndField(t *testing.T) {
	t.Parallel()
	err := apierrors.NewApplyConflict([]metav1.StatusCause{{
		Type: metav1.CauseTypeFieldManagerConflict, Message: `conflict with "kubectl" using apps/v1`, Field: ".spec.replicas",
	}}, "Apply failed")
	_, found := asLive(t, Defaults())
	got := new(Deployer).explainApply(err, found["StatefulSet/etcd/etcd"]).Error()
	want := `apply StatefulSet/etcd: somebody else has set fields that are ours: .spec.replicas, by "kubectl" using apps/v1`
	if got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	if conflictsOf(apierrors.NewConflict(schema.GroupResource{}, "x", nil)) != nil {
		t.Error("another conflict is taken for one of fields")
	}
}

func TestOnlyWhatDoesNotRunByAnOlderTemplateIsReplaced(t *testing.T) {
	t.Parallel()
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	for name, tc := range map[string]struct {
		revision string
		states   []corev1.ContainerState
		want     bool
	}{
		"cannot pull, old": {"old", []corev1.ContainerState{waiting}, true}, "cannot pull, new": {"new", []corev1.ContainerState{waiting}, false},
		"runs, old": {"old", []corev1.ContainerState{running}, false}, "one of two runs": {"old", []corev1.ContainerState{waiting, running}, false},
		"not scheduled, old": {"old", nil, true},
	} {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{appsv1.ControllerRevisionHashLabelKey: tc.revision}}}
		for _, s := range tc.states {
			p.Spec.NodeName = "n"
			p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{State: s})
		}
		if got := stuck(p, "new"); got != tc.want {
			t.Errorf("%s: stuck is %t", name, got)
		}
	}
}

func TestRefusalTellsEveryProblemWithItsHint(t *testing.T) {
	t.Parallel()
	err := &PreflightError{Where: "context c", Problems: []Problem{problem("do a", "a is wrong"), problem("", "b is wrong")}}
	want := "deploy to context c: nothing was changed, since\n  - a is wrong\n    do a\n  - b is wrong"
	if got := err.Error(); got != want {
		t.Errorf("it says\n%s", strings.TrimSpace(got))
	}
}
