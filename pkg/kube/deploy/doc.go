// Package deploy puts etcd, agents and aggregators into a Kubernetes cluster, and
// takes them out again. What is deployed is the YAML of package manifests,
// adapted by edits of typed objects. It promises that a second deploy changes
// nothing, that one that was cut off is finished by the next, and that nothing
// which is not ours is touched.
package deploy
