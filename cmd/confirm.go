package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

// confirm asks a y/N question. Where nobody can answer it refuses, and says what
// to type instead.
func (a *app) confirm(ctx context.Context, question string, answerable bool, instead string) error {
	if !answerable || !isTerminal(a.In) {
		return &exitError{code: exitRefused, err: errors.New("not confirmed: there is no terminal to ask on"), hint: instead}
	}
	fmt.Fprint(a.Err, question+" [y/N] ")
	answer := make(chan string, 1)
	go func() { // a read of the terminal cannot be cancelled; the process ends soon
		line, _ := bufio.NewReader(a.In).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			fmt.Fprintln(a.Err) // Ctrl-D
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
		return &exitError{code: exitRefused, err: errors.New("not confirmed: nothing written")}
	case <-ctx.Done():
		fmt.Fprintln(a.Err)
		return ctx.Err()
	}
}
