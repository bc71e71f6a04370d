package cmd

import "strings"

// list names things in a sentence.
func list(names []string) string { return strings.Join(names, ", ") }
