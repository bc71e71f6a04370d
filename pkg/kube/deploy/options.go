package deploy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Options say what is deployed. Two deploys with the same ones are the same.
type Options struct {
	Members       int    // of etcd: 1, 3 or 5
	Aggregators   int    // 0 for none
	Image         string // of agents and aggregators
	EtcdImage     string
	StorageClass  string // empty: the cluster's default
	StorageSize   string // of each member's volume
	TLS           bool
	ClusterDomain string // of the cluster's DNS; certificates hold it

	ImagePullPolicy corev1.PullPolicy // empty: as Kubernetes chooses by the image's tag
	// Tolerations are the members' and the aggregators', besides those in the
	// manifests. Agents tolerate everything.
	Tolerations []corev1.Toleration
	// Resources replace those of the manifests where they are set.
	EtcdResources, AgentResources, AggregatorResources corev1.ResourceRequirements
}

// Defaults is what is deployed if nobody says otherwise. Image is left open: it is
// ReleasedImage's, or the user's.
func Defaults() Options {
	return Options{
		Members: 3, Aggregators: 2, EtcdImage: "quay.io/coreos/etcd:v3.7.3", StorageSize: "8Gi", TLS: true, ClusterDomain: "cluster.local",
	}
}

// released is a version that an image is published for: a tag of the project, with
// no commit after it.
var released = regexp.MustCompile(`^v\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?$`)

// ReleasedImage is the published image of that version of the program, empty if
// there is none.
func ReleasedImage(version string) string {
	if !released.MatchString(version) {
		return ""
	}
	return "ghcr.io/kubectl-monitor/kubectl-monitor:" + version
}

const maxAggregators = 9

// minStorage holds etcd's database up to its quota of 2 GiB, and its log. On a
// smaller volume the disk is full before etcd's alarm says so.
var minStorage = resource.MustParse("3Gi")

// Validate reports every option that cannot be, with the rule it breaks.
func (o Options) Validate() error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !slices.Contains([]int{1, 3, 5}, o.Members) {
		wrong("--members must be 1, 3 or 5, not %d: an even number bears no more losses than one less", o.Members)
	}
	if o.Aggregators < 0 || o.Aggregators > maxAggregators {
		wrong("--aggregators must be 0 to %d, not %d", maxAggregators, o.Aggregators)
	}
	if o.Image == "" {
		wrong("--image must be given: no image is published of this build")
	} else if err := checkReference(o.Image); err != nil {
		wrong("--image: %w", err)
	}
	if err := checkReference(o.EtcdImage); err != nil {
		wrong("--etcd-image: %w", err)
	}
	if !slices.Contains([]corev1.PullPolicy{"", corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever}, o.ImagePullPolicy) {
		wrong("--image-pull-policy must be Always, IfNotPresent or Never, not %q", o.ImagePullPolicy)
	}
	if size, err := resource.ParseQuantity(o.StorageSize); err != nil {
		wrong("--storage-size: %q is no quantity, such as 8Gi", o.StorageSize)
	} else if size.Cmp(minStorage) < 0 {
		wrong("--storage-size must be %s or more, not %s: etcd's quota of 2 GiB, and its log", &minStorage, o.StorageSize)
	}
	if o.StorageClass != "" && len(validation.IsDNS1123Subdomain(o.StorageClass)) > 0 {
		wrong("--storage-class: %q is no DNS name", o.StorageClass)
	}
	if len(validation.IsDNS1123Subdomain(o.ClusterDomain)) > 0 {
		wrong("--cluster-domain: %q is no DNS name", o.ClusterDomain)
	}
	return errors.Join(problems...)
}

// checkReference asks for a version too: what it is without one differs from node to
// node.
func checkReference(name string) error {
	ref, err := reference.ParseNormalizedNamed(name)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no image's name: %w", name, err)
	case reference.IsNameOnly(ref):
		return fmt.Errorf("%q must have a tag or a digest", name)
	}
	return nil
}
