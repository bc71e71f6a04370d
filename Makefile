# `make` alone lists the targets. Needed: Go, a C compiler (for the race
# detector), make, git; all else is fetched at a pinned version.

MODULE   := github.com/kubectl-monitor/kubectl-monitor
BINARY   := kubectl-monitor
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X $(MODULE)/cmd.version=$(VERSION)
GO_BUILD := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'

PLATFORMS := $(foreach os,linux darwin windows,$(os)/amd64 $(os)/arm64)

GOTESTSUM     := gotest.tools/gotestsum@v1.13.0
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GORELEASER    := github.com/goreleaser/goreleaser/v2@v2.17.0

# A tool's file name holds its version and Go's: a change of either builds it anew.
TOOLS := $(CURDIR)/.cache/$(shell go env GOVERSION)
tool   = $(TOOLS)/$(notdir $(1))

.DEFAULT_GOAL := help

##@ Build

.PHONY: build
build: ## Build bin/kubectl-monitor
	$(GO_BUILD) -o bin/$(BINARY) .

.PHONY: build-node
build-node: ## Build bin/kubectl-monitor-node, the small binary of the container image
	$(GO_BUILD) -tags node -o bin/$(BINARY)-node .

.PHONY: cross $(PLATFORMS)
cross: $(PLATFORMS) ## Build for every platform; for one: make darwin/arm64
$(PLATFORMS):
	GOOS=$(@D) GOARCH=$(@F) $(GO_BUILD) -o bin/$@/ .
	GOOS=$(@D) GOARCH=$(@F) $(GO_BUILD) -tags node -o bin/$@/node/ .

.PHONY: clean
clean: ## Remove what was built, and the fetched tools
	rm -rf bin dist .cache

##@ Test

.PHONY: test
test: ## Run all tests that need no Kubernetes, with the race detector
	@go run $(GOTESTSUM) --format pkgname $(GOTESTSUM_FLAGS) -- -race -shuffle=on ./...

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

##@ Check

.PHONY: lint
lint: $(call tool,$(GOLANGCI_LINT)) ## Check style, likely bugs, and who imports whom
	$< run

.PHONY: check-release
check-release: $(call tool,$(GORELEASER)) ## Check the release configuration
	$< check

.PHONY: check-modules
check-modules: ## Check that the modules are unaltered and go.mod is tidy
	go mod verify
	go mod tidy -diff

.PHONY: check-generated
check-generated: ## Check that completions/ and docs/cli are what the commands say
	go test ./cmd -run TestGenerated -count=1

.PHONY: generate
generate: ## Write completions/ and docs/cli anew
	go test ./cmd -run TestGenerated -count=1 -update

##@ Help

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(TOOLS)/%:
	GOBIN=$(@D)/bin go install $(filter %/$(@F),$(GOLANGCI_LINT) $(GORELEASER))
	mv $(@D)/bin/$(firstword $(subst @, ,$(@F))) $@
