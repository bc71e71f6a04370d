package deploy

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// minServer is the first version of Kubernetes that forwards ports over WebSockets
// unless told otherwise.
var minServer = version.MustParseGeneric("1.31")

// fixed are the first releases of etcd with all security fixes known today, by
// minor version.
var fixed = []*version.Version{version.MustParseGeneric("3.6.14"), version.MustParseGeneric("3.7.1")}

func (d *Deployer) checkServer(context.Context) ([]Problem, error) {
	info, err := d.cluster.Client.Discovery().ServerVersion()
	if err != nil {
		return nil, d.cluster.Explain(err, kube.Access{Verb: "get", Resource: "version"})
	}
	v := readVersion(info.GitVersion)
	if v == nil || v.AtLeast(minServer) {
		return nil, nil
	}
	return []Problem{problem("upgrade the cluster first", "Kubernetes is %s, and below %s it does not forward ports over WebSockets", info.GitVersion, minServer)}, nil
}

// checkImage warns of releases of etcd with known holes. A tag that is no version
// says nothing.
func checkImage(image string) []Problem {
	v := versionOf(image)
	if v == nil {
		return nil
	}
	good := fixed[0]
	for _, f := range fixed {
		if v.Major() == f.Major() && v.Minor() == f.Minor() {
			good = f
		}
	}
	if v.AtLeast(good) {
		return nil
	}
	return []Problem{{Warning: true, Reason: fmt.Sprintf("etcd %s lacks security fixes that %s has", v, good), Hint: "deploy a newer one by --etcd-image"}}
}

// checkUpgrade refuses a way from one release of etcd to another that members
// cannot go: they read no data of a later minor version, and talk to those of the
// next one alone.
func checkUpgrade(is, to string) []Problem {
	from, then := versionOf(is), versionOf(to)
	if from == nil || then == nil || from.Major() == then.Major() && (then.Minor() == from.Minor() || then.Minor() == from.Minor()+1) {
		return nil
	}
	return []Problem{problem("go one minor version up at a time, and never down: --etcd-image "+is,
		"the members are of etcd %s, and cannot change to %s", from, then)}
}

// versionOf is the version in an image's tag; nil if that is none.
func versionOf(image string) *version.Version {
	name, _, _ := strings.Cut(image, "@")
	_, tag, _ := strings.Cut(name[strings.LastIndex(name, "/")+1:], ":")
	return readVersion(tag)
}

// readVersion is the version that a text says; nil if it says none, which is no
// reason to refuse anything.
func readVersion(text string) *version.Version {
	v, err := version.ParseGeneric(text)
	if err != nil {
		return nil
	}
	return v
}
