# The image of agents and aggregators: the program built with the tag `node`, and
# nothing else. The build context holds it for each platform, as linux/amd64/kubectl-monitor;
# `make image` and goreleaser prepare it.
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY ${TARGETPLATFORM}/kubectl-monitor /kubectl-monitor
USER 65532:65532
ENTRYPOINT ["/kubectl-monitor"]
