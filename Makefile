# `make` alone lists the targets. Needed: Go, a C compiler (for the race
# detector), make and git; the tools below are installed when first used.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

BUILD := CGO_ENABLED=0 go build -trimpath \
	-ldflags '-s -w -X github.com/kubectl-monitor/kubectl-monitor/cmd.version=$(VERSION)'

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# A tool's file name holds its version and Go's: a change of either installs it anew.
TOOLS         := .cache/$(shell go env GOVERSION)
GOTESTSUM     := $(TOOLS)/gotestsum@v1.13.0
GOLANGCI_LINT := $(TOOLS)/golangci-lint@v2.15.0
GORELEASER    := $(TOOLS)/goreleaser@v2.16.0

.DEFAULT_GOAL := help

##@ Build

.PHONY: build
build: ## Build bin/kubectl-monitor
	$(BUILD) -o bin/kubectl-monitor .

.PHONY: build-node
build-node: ## Build bin/kubectl-monitor-node, which is what containers run
	$(BUILD) -tags node -o bin/kubectl-monitor-node .

IMAGE    ?= kubectl-monitor:$(VERSION)
IMAGE_OS := linux/$(shell go env GOARCH)
.PHONY: image
image: ## Make the container image IMAGE with docker, podman ($CONTAINER_TOOL) or $KUBE_LOAD
ifdef KUBE_LOAD
	$(MAKE) build-node
	$(KUBE_LOAD) $(IMAGE) --entrypoint /kubectl-monitor bin/kubectl-monitor-node=/kubectl-monitor
else
	GOOS=linux $(BUILD) -tags node -o bin/image/$(IMAGE_OS)/kubectl-monitor .
	$(or $(CONTAINER_TOOL),docker) build --platform $(IMAGE_OS) --tag $(IMAGE) --file Dockerfile bin/image
endif

.PHONY: cross $(PLATFORMS)
cross: $(PLATFORMS) ## Build for every platform (for one: make darwin/arm64)
$(PLATFORMS):
	GOOS=$(@D) GOARCH=$(@F) $(BUILD) -o bin/$@/ .
	GOOS=$(@D) GOARCH=$(@F) $(BUILD) -o bin/$@/node/ -tags node .

.PHONY: generate
generate: ## Write completions/ and docs/cli anew from the commands
	go test ./cmd -run TestGenerated -count=1 -update

.PHONY: clean
clean: ## Remove what was built and the installed tools
	rm -rf bin dist .cache

##@ Test

.PHONY: test
test: $(GOTESTSUM) ## Run all tests that need no Kubernetes, with the race detector
	@# One package at a time: those that load etcd would starve the leases of others.
	$(GOTESTSUM) --format pkgname --format-hide-empty-pkg -- -race -shuffle=on -p 1 ./...

SOAK_TIME ?= 10m
.PHONY: soak
soak: ## Kill, pause and cut off replicas and members for SOAK_TIME, and check the history
	SOAK_TIME=$(SOAK_TIME) go test ./pkg/aggregator -run TestSoak -count=1 -timeout 0 -v

.PHONY: bench
bench: ## Measure what docs/performance.md tells (a part of it: BENCH=failover)
	go run ./pkg/internal/report $(BENCH)

E2E_IMAGE ?= kubectl-monitor:e2e
.PHONY: e2e
e2e: build image-e2e $(GOTESTSUM) ## Run the tests on the Kubernetes cluster that KUBECONFIG names
	E2E_PROGRAM='$(CURDIR)/bin/kubectl-monitor' E2E_IMAGE=$(E2E_IMAGE) \
		$(GOTESTSUM) --format testname -- -tags e2e -count=1 -timeout 40m -v ./pkg/internal/e2e

.PHONY: image-e2e
image-e2e:
	$(MAKE) image IMAGE=$(E2E_IMAGE)

##@ Check

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Check style, likely bugs and who imports whom
	$(GOLANGCI_LINT) run --allow-parallel-runners
	$(GOLANGCI_LINT) run --allow-parallel-runners --build-tags node
	$(GOLANGCI_LINT) run --allow-parallel-runners --build-tags e2e ./pkg/internal/e2e
	@! grep -rnE --include='*.go' --exclude='*_test.go' '["`]/monitor' main.go cmd pkg | grep -v '^pkg/keys/' \
		|| { echo 'only pkg/keys spells the keys in etcd'; exit 1; }

.PHONY: check-modules
check-modules: ## Check that modules are unaltered and go.mod is tidy
	go mod verify
	go mod tidy -diff

.PHONY: check-generated
check-generated: ## Check that completions/ and docs/cli say what the commands say
	go test ./cmd -run TestGenerated -count=1

.PHONY: check-release
check-release: $(GORELEASER) ## Check the configuration of releases
	$(GORELEASER) check

##@ Help

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install = GOBIN='$(CURDIR)/$(@D)/bin' go install $(1) && mv $(@D)/bin/$(firstword $(subst @, ,$(@F))) $@

$(TOOLS)/gotestsum@%:     ; $(call install,gotest.tools/gotestsum@$*)
$(TOOLS)/golangci-lint@%: ; $(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$*)
$(TOOLS)/goreleaser@%:    ; $(call install,github.com/goreleaser/goreleaser/v2@$*)
