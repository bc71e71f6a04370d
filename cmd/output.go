package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// outputFlags say how a record is shown.
type outputFlags struct {
	format    string
	noHeaders bool
	sortBy    string
}

func (o *outputFlags) add(c *cobra.Command, sortable bool) {
	f := c.Flags()
	f.StringVarP(&o.format, "output", "o", string(printer.Table), "format: "+strings.Join(printer.Formats(), ", "))
	f.BoolVar(&o.noHeaders, "no-headers", false, "leave out the tables' headings")
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(printer.Formats(), cobra.ShellCompDirectiveNoFileComp))
	if sortable {
		f.StringVar(&o.sortBy, "sort-by", "", "sort by this column; descending with a leading -")
	}
}

// validate must be called before anything is asked of the cluster: a wrong
// format is told at once.
func (o *outputFlags) validate() error {
	if _, err := printer.ParseFormat(o.format); err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	return nil
}

// show prints a record to standard output, and to standard error what went wrong
// with its sources where the format has no place for it.
func (a *app) show(o *outputFlags, record any, errs []string) error {
	format, err := printer.ParseFormat(o.format)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	if o.sortBy != "" {
		if err := printer.Sort(record, o.sortBy); err != nil {
			return &exitError{code: exitUsage, err: err}
		}
	}
	if err := printer.Print(a.Out, record, printer.Options{
		Format: format, NoHeaders: o.noHeaders, Color: a.colored(a.Out), Width: width(a.Out),
	}); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for _, e := range errs {
		a.warn("%s", e)
	}
	return nil
}

// warn says something about the data, beside it.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintln(a.Err, "warning: "+sanitizeLines(fmt.Sprintf(format, args...)))
}

// say tells the user what is going on.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.Err, sanitizeLines(fmt.Sprintf(format, args...)))
}

// failOn is the verdict from which on a command that looks exits with 3.
type failOn struct{ at string }

const failNever = "never"

func (f *failOn) add(c *cobra.Command) {
	c.Flags().StringVar(&f.at, "fail-on", "unhealthy", "exit with 3 if the verdict is this or worse: degraded, unhealthy or never")
	_ = c.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"degraded", "unhealthy", failNever}, cobra.ShellCompDirectiveNoFileComp))
}

func (f *failOn) validate() error {
	switch f.at {
	case "degraded", "unhealthy", failNever:
		return nil
	}
	return usageError("--fail-on must be degraded, unhealthy or never, not %q", f.at)
}

// judge turns a verdict into the command's end.
func (f *failOn) judge(v model.Verdict) error {
	switch {
	case v == model.Unknown:
		return &exitError{code: exitUnreachable}
	case f.at != failNever && v.AtLeast(model.Verdict(strings.ToUpper(f.at))):
		return &exitError{code: exitVerdict}
	}
	return nil
}
