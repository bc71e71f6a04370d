//go:build !linux && !darwin

package local

import (
	"os"
	"syscall"
)

const supported = false

func lookUp(int) (*sighting, error)        { return nil, ErrUnsupported }
func bootID() (string, error)              { return "", ErrUnsupported }
func detached() *syscall.SysProcAttr       { return nil }
func (s Signal) number() os.Signal         { return os.Kill }
func lockExclusive(*os.File) (bool, error) { return false, ErrUnsupported }
