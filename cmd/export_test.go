package cmd

import (
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// Documented is the tree of commands, as kubectl calls it.
func Documented() *cobra.Command {
	a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, program: pluginName, now: time.Now}
	root := a.newRoot()
	root.DisableAutoGenTag = true
	return root
}

// WriteCompletions writes the completion script of every shell into dir.
func WriteCompletions(dir string) error {
	a := &app{program: binaryName, now: time.Now}
	root := a.newRoot()
	path := func(ext string) string { return filepath.Join(dir, binaryName+"."+ext) }
	return errors.Join(
		root.GenBashCompletionFileV2(path("bash"), true),
		root.GenZshCompletionFile(path("zsh")),
		root.GenFishCompletionFile(path("fish"), true),
		root.GenPowerShellCompletionFileWithDesc(path("ps1")),
	)
}

// WriteReference writes a page per command into dir.
func WriteReference(dir string) error {
	return doc.GenMarkdownTree(Documented(), dir)
}
