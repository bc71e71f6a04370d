// Package kube is the cluster in Kubernetes: where its members, agents and
// aggregators are, how etcd is reached through the API server, and what
// Kubernetes itself knows of nodes and pods. It promises that nothing is written
// to this machine's disk, no local port listens, and no other program is
// started; and that a right that the user lacks is named, with verb and resource.
//
// What is deployed, and how, is package deploy's.
package kube
