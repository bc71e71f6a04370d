package cmd

import (
	"errors"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

func (a *app) newVersion() *cobra.Command {
	var (
		out        outputFlags
		clientOnly bool
	)
	c := &cobra.Command{
		Use:   "version",
		Short: "The versions of this program and of the etcd members",
		Long: `The versions of this program and of the etcd members. Without a target it is that
of this program alone. Exit code 4: no member answers.`,
		Example: `  %[1]s version
  # Without asking a cluster
  %[1]s version --client -o json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := out.validate(); err != nil {
				return err
			}
			info := &model.VersionInfo{
				TypeMeta: model.NewTypeMeta(model.KindVersion, "", a.now()),
				Client:   model.ClientVersion{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH},
			}
			if clientOnly {
				return a.show(&out, info, nil)
			}
			answered, err := a.askVersions(c, info)
			if err != nil {
				return err
			}
			if err := a.show(&out, info, nil); err != nil {
				return err
			}
			if !answered {
				return &exitError{code: exitUnreachable}
			}
			return nil
		},
	}
	out.add(c, false)
	c.Flags().BoolVar(&clientOnly, "client", false, "only the version of this program")
	return a.finish(c)
}

// askVersions adds the members' versions, if there is a target, and reports
// whether there was any member to answer for one.
func (a *app) askVersions(c *cobra.Command, info *model.VersionInfo) (answered bool, err error) {
	s, err := a.source(c.Context())
	var none *target.NoTargetError
	if errors.As(err, &none) || errors.Is(err, local.ErrNoCluster) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer s.Pool.Close()
	ctx, cancel := a.bounded(c.Context())
	defer cancel()
	info.Target = s.Name
	for _, m := range status.Members(ctx, s).Items {
		info.Servers = append(info.Servers, model.ServerVersion{
			Name: m.Name, State: m.State, Version: m.Version, Storage: m.StorageVersion, Reason: m.Reason,
		})
		answered = answered || m.Answered()
	}
	return answered, c.Context().Err()
}
