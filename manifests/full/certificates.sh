#!/bin/sh
# Makes the CA and the certificates that the members, the agents and the
# aggregators mount, and puts them into Secrets. `kubectl monitor deploy` does all
# this by itself, and renews them; this is for who applies the YAML by hand:
#
#   kubectl apply -f .        # the pods wait for their Secrets
#   ./certificates.sh
#
# It needs kubectl and openssl. Run again, it starts over with a new CA, and every
# pod must be restarted.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
umask 077
cd "$dir"

names='DNS:*.etcd-service.etcd.svc, DNS:*.etcd-service.etcd.svc.cluster.local, DNS:etcd-service.etcd.svc, DNS:etcd-service.etcd.svc.cluster.local'
served="$names, DNS:localhost, IP:127.0.0.1, IP:::1"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=etcd-service.etcd CA' \
  -addext 'keyUsage=critical, keyCertSign, cRLSign' -keyout ca.key -out ca.crt

# secret NAMESPACE NAME CERTIFICATE KEY
secret() {
  kubectl create secret generic "$2" -n "$1" --type kubernetes.io/tls --dry-run=client -o yaml \
    --from-file "tls.crt=$3" --from-file "tls.key=$4" --from-file ca.crt |
    kubectl label --local -f - -o yaml app.kubernetes.io/name=etcd app.kubernetes.io/part-of=kubectl-monitor app.kubernetes.io/managed-by=kubectl-monitor |
    kubectl apply --server-side -f -
}

# certificate NAMESPACE SECRET COMMON-NAME USAGE [SUBJECT-ALTERNATIVE-NAMES]
certificate() {
  {
    echo "extendedKeyUsage = $4"
    echo 'keyUsage = critical, digitalSignature'
    if [ $# -gt 4 ]; then echo "subjectAltName = $5"; fi
  } >ext
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$3" -keyout key -out csr
  openssl x509 -req -in csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile ext -out crt
  secret "$1" "$2" crt key
}

certificate etcd    etcd-peer       etcd-peer   'serverAuth, clientAuth' "$names"
certificate etcd    etcd-server     etcd-server serverAuth               "$served"
certificate etcd    etcd-admin      root        clientAuth
certificate etcd    etcd-viewer     viewer      clientAuth
certificate monitor etcd-agent      agent       clientAuth
certificate monitor etcd-aggregator aggregator  clientAuth
secret      etcd    etcd-ca ca.crt ca.key
