// Package e2e tries the whole product on a real Kubernetes cluster: the one that
// $KUBECONFIG names. Its tests run with the build tag e2e, by `make e2e`, which
// makes the program and its image; see main_test.go for what they are told by
// the environment.
package e2e
