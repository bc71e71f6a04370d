// Package cmd is the command line: flags, defaults, wiring and exit codes, one
// file per command. What a command does is in pkg.
package cmd
