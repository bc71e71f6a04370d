// Package manifests is for the Kubernetes objects that the deploy command
// applies, as YAML that reads well on its own and that kubectl can apply too.
// There are none yet: what runs today runs on one machine.
package manifests
