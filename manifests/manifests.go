// Package manifests holds the Kubernetes objects of a deployment, as YAML that
// reads well on its own and that kubectl can apply too. The deploy command takes
// the full form from here, and adapts it to what is asked for.
package manifests

import "embed"

// Full is the full form: three members with TLS, agents and aggregators. The
// files are numbered in the order in which they are applied.
//
//go:embed full/*.yaml
var Full embed.FS
