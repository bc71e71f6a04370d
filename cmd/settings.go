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

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// envPrefix begins the environment variables that set flags: --endpoints is
// KUBECTL_MONITOR_ENDPOINTS.
const envPrefix = "KUBECTL_MONITOR"

// settable lists the flags that environment and file may set: those that say
// where and how, never those that say what to do.
var settable = []string{
	"endpoints", "discovery-srv", "cacert", "cert", "key", "timeout", "color", "output",
	"host", "owner", "log-format", "log-level",
	"kubeconfig", "context", "namespace", "agent-namespace",
}

// Of the settable flags, those that say where. The last three are files.
var (
	whereFlags       = []string{"endpoints", "discovery-srv", "cacert", "cert", "key"}
	certificateFlags = whereFlags[2:]
)

// loadSettings gives flags that the command line does not set the value of the
// environment, else of the config file. They stay defaults: such a flag does not
// count as typed.
func (a *app) loadSettings(c *cobra.Command) error {
	s := settings{Viper: viper.New(), file: configFile()}
	s.SetEnvPrefix(envPrefix)
	s.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	s.AutomaticEnv()
	if err := s.read(); err != nil {
		return err
	}
	for _, warning := range strayVariables(os.Environ()) {
		a.warn("%s", warning)
	}
	var problems []error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || !isSettable(c, f.Name) || !s.IsSet(f.Name) || a.givesWay(s, f.Name, c.Flags()) {
			return
		}
		if err := s.set(f); err != nil {
			problems = append(problems, fmt.Errorf("setting %s by %s: %w", f.Name, settingSource(f.Name), err))
		}
	})
	if len(problems) > 0 {
		return &exitError{code: exitUsage, err: errors.Join(problems...)}
	}
	return nil
}

// givesWay tells whether a setting is not used: none of where to connect beside a
// flag that names another kind of target, and no certificate where no endpoints
// are named, or by a flag plain http ones.
func (a *app) givesWay(s settings, flag string, flags *pflag.FlagSet) bool {
	certificate := slices.Contains(certificateFlags, flag)
	switch {
	case !slices.Contains(whereFlags, flag):
		return false
	case a.global.local || a.kubernetes.typed():
		return true
	case flags.Changed("endpoints"):
		return !certificate || !slices.ContainsFunc(a.global.endpoints, maySecure)
	case flags.Changed("discovery-srv"):
		return !certificate
	default:
		return certificate && !s.IsSet("endpoints") && !s.IsSet("discovery-srv")
	}
}

// maySecure tells whether certificates have a use for the endpoint.
func maySecure(endpoint string) bool {
	return !strings.HasPrefix(strings.ToLower(endpoint), "http://")
}

// settings are those of the environment and the config file.
type settings struct {
	*viper.Viper
	file string // path; empty if there is no place for one
}

// read reads the config file, and refuses what is not a setting.
func (s settings) read() error {
	if s.file == "" {
		return nil
	}
	s.SetConfigFile(s.file)
	if err := s.ReadInConfig(); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return usageError("read config file %q: %w", s.file, err)
	}
	var problems []error
	for _, key := range s.AllKeys() {
		if !slices.Contains(settable, key) {
			problems = append(problems, fmt.Errorf("config file %q: unknown setting %q%s", s.file, key, model.DidYouMean(key, settable)))
		}
	}
	if len(problems) > 0 {
		return &exitError{code: exitUsage, err: errors.Join(problems...)}
	}
	return nil
}

// set gives a flag its setting, without marking it as typed.
func (s settings) set(f *pflag.Flag) error {
	var value string
	switch v := s.Get(f.Name).(type) {
	case string:
		value = v
	case []any:
		if f.Value.Type() != "stringSlice" {
			return errors.New("must be one value, not a list")
		}
		value = strings.Join(s.GetStringSlice(f.Name), ",")
	default:
		return fmt.Errorf("must be text, not %v", v)
	}
	if slices.Contains(certificateFlags, f.Name) && os.Getenv(variable(f.Name)) == "" && value != "" && !filepath.IsAbs(value) {
		value = filepath.Join(filepath.Dir(s.file), value) // as kubectl does in a kubeconfig
	}
	return f.Value.Set(value)
}

// settingSource says where the setting of a flag comes from.
func settingSource(flag string) string {
	if name := variable(flag); os.Getenv(name) != "" {
		return name
	}
	return configFile()
}

// variable is the environment variable that sets a flag.
func variable(flag string) string {
	return envPrefix + "_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// strayVariables says which variables look like settings and are none.
func strayVariables(environment []string) (warnings []string) {
	known := make([]string, len(settable))
	for i, flag := range settable {
		known[i] = variable(flag)
	}
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		if value != "" && strings.HasPrefix(name, envPrefix+"_") && !slices.Contains(known, name) {
			warnings = append(warnings, fmt.Sprintf("the environment variable %s sets nothing%s", name, model.DidYouMean(name, known)))
		}
	}
	return warnings
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
