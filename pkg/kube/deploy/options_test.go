package deploy_test

import (
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
)

func TestOptionsThatCannotBeAreAllNamed(t *testing.T) {
	t.Parallel()
	o := deploy.Options{Members: 2, Aggregators: -1, StorageClass: "A B", StorageSize: "much", ImagePullPolicy: "Sometimes"}
	err := o.Validate()
	for _, flag := range []string{
		"--members", "--aggregators", "--image ", "--etcd-image", "--image-pull-policy", "--storage-class", "--storage-size", "--cluster-domain",
	} {
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is not named: %v", flag, err)
		}
	}
	if err := options().Validate(); err != nil {
		t.Error(err)
	}
}

func TestVolumeHoldsEtcdsQuota(t *testing.T) {
	t.Parallel()
	o := options()
	o.StorageSize = "2Gi"
	if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "3Gi or more") {
		t.Error(err)
	}
}

func TestImageIsTheSameOnEveryNode(t *testing.T) {
	t.Parallel()
	for image, good := range map[string]bool{
		"kubectl-monitor:e2e": true, "localhost:5000/a/b:1": true, "a@sha256:" + strings.Repeat("0", 64): true,
		"kubectl-monitor": false, "localhost:5000/a/b": false, "Upper:1": false, "a b:1": false, "-x:1": false,
	} {
		o := options()
		o.Image = image
		if err := o.Validate(); (err == nil) != good {
			t.Errorf("%q: %v", image, err)
		}
	}
}

func TestOnlyReleasesHaveAnImage(t *testing.T) {
	t.Parallel()
	for version, tag := range map[string]string{
		"v1.2.3": ":v1.2.3", "v1.2.3-rc.1": ":v1.2.3-rc.1",
		"dev": "", "unknown": "", "5627786-dirty": "", "v1.2.3-4-g5627786": "", "v1.2.3-dirty": "", "1.2.3": "",
	} {
		if image := deploy.ReleasedImage(version); !strings.HasSuffix(image, tag) || (image == "") != (tag == "") {
			t.Errorf("%s: %q", version, image)
		}
	}
}
