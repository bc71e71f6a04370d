package cmd

import (
	"io"
	"log/slog"

	"github.com/spf13/cobra"
)

// logFlags say how a process that runs for long writes its log.
type logFlags struct{ format, level string }

func newLogFlags() logFlags { return logFlags{format: "text", level: "info"} }

func (l *logFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&l.format, "log-format", l.format, "format of the log: text or json")
	f.StringVar(&l.level, "log-level", l.level, "least level that is logged: debug, info, warn or error")
}

func (l *logFlags) logger(w io.Writer) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(l.level)); err != nil {
		return nil, usageError("--log-level must be debug, info, warn or error, not %q", l.level)
	}
	o := &slog.HandlerOptions{Level: least}
	switch l.format {
	case "text":
		return slog.New(slog.NewTextHandler(w, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return nil, usageError("--log-format must be text or json, not %q", l.format)
}
