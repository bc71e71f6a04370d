package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// envPrefix begins the environment variables that set flags: --endpoints is
// KUBECTL_MONITOR_ENDPOINTS.
const envPrefix = "KUBECTL_MONITOR"

// settable lists the flags that environment and file may set: those that say
// where and how, never those that say what to do.
var settable = []string{
	"endpoints", "cacert", "cert", "key", "timeout", "color", "output",
	"host", "owner", "log-format", "log-level",
}

// loadSettings gives flags that the command line does not set the value of the
// environment, else of the config file.
func loadSettings(c *cobra.Command) error {
	v := viper.New()
	v.SetEnvPrefix(envPrefix)
	v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	v.AutomaticEnv()
	if path := configFile(); path != "" {
		v.SetConfigFile(path)
		if err := v.ReadInConfig(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return usageError("read config file %q: %w", path, err)
		}
	}
	var problems []error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || !isSettable(c, f.Name) || !v.IsSet(f.Name) {
			return
		}
		value := v.GetString(f.Name)
		if list := v.GetStringSlice(f.Name); f.Value.Type() == "stringSlice" && len(list) > 0 {
			value = strings.Join(list, ",")
		}
		if err := c.Flags().Set(f.Name, value); err != nil {
			problems = append(problems, fmt.Errorf("setting %s (environment or %s): %w", f.Name, configFile(), err))
		}
	})
	if len(problems) > 0 {
		return &exitError{code: exitUsage, err: errors.Join(problems...)}
	}
	return nil
}

func isSettable(c *cobra.Command, flag string) bool {
	if flag == "host" && c.Name() != agentName {
		return false // elsewhere it says whose configuration to change
	}
	return slices.Contains(settable, flag)
}

// configFile is $XDG_CONFIG_HOME/kubectl-monitor/config.yaml.
func configFile() string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "kubectl-monitor", "config.yaml")
}
