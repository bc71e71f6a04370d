package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// editing is a file of configs that the user edits.
type editing struct {
	*app
	path string
	list *model.ConfigList // as it was shown first
	body []byte            // of list
}

// newEditing writes the list into a file that only the user can read.
func (a *app) newEditing(list *model.ConfigList) (*editing, error) {
	var body bytes.Buffer
	if err := printer.Print(&body, list, printer.Options{Format: printer.YAML}); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", binaryName+"-*.yaml")
	if err != nil {
		return nil, fmt.Errorf("make a file to edit: %w", err)
	}
	e := &editing{app: a, path: f.Name(), list: list, body: body.Bytes()}
	text, _ := configpush.EditText(e.body, nil)
	_, err = f.Write(text)
	if err = firstOf(err, f.Close()); err != nil {
		return nil, fmt.Errorf("write the file to edit: %w", err)
	}
	return e, nil
}

// wanted lets the user edit until what is saved can be pushed; nil means that
// nothing is to be.
func (e *editing) wanted(ctx context.Context) ([]configpush.Wanted, error) {
	var invalid *configpush.InvalidError
	var refused []byte // what was saved last, and is invalid
	for {
		if err := e.runEditor(ctx, e.path); err != nil {
			return nil, err
		}
		body, err := e.saved()
		switch {
		case err != nil:
			return nil, err
		case len(bytes.TrimSpace(body)) == 0:
			e.say("the file was saved empty: nothing written")
			return nil, nil
		case bytes.Equal(body, e.body):
			e.say("nothing was changed: nothing written")
			return nil, nil
		case invalid != nil && bytes.Equal(body, refused):
			return nil, invalid // left as it was: the user gives up
		}
		wanted, warnings, err := configpush.Edited(body, e.path, e.list.Items)
		if err == nil {
			for _, w := range warnings {
				e.warn("%s", w.Message)
			}
			return wanted, nil
		}
		if !errors.As(err, &invalid) {
			return nil, err
		}
		refused = body
		var text []byte
		text, invalid.Problems = configpush.EditText(body, invalid.Problems)
		if err := os.WriteFile(e.path, text, 0o600); err != nil {
			return nil, fmt.Errorf("write the file to edit: %w", err)
		}
	}
}

func (e *editing) saved() ([]byte, error) {
	text, err := os.ReadFile(e.path)
	if err != nil {
		return nil, fmt.Errorf("read what was edited: %w", err)
	}
	return configpush.EditedBody(text), nil
}

// keep leaves the file to the user if there is anything of theirs in it.
func (e *editing) keep() error {
	body, err := e.saved()
	switch {
	case err != nil:
		return err
	case bytes.Equal(body, e.body):
		return e.discard()
	}
	e.say("your edit is kept in %s", e.path)
	return nil
}

func (e *editing) discard() error {
	if err := os.Remove(e.path); err != nil {
		return fmt.Errorf("remove the edited file: %w", err)
	}
	return nil
}
