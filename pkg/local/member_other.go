//go:build !node && !linux && !darwin

package local

import "context"

// RunMember returns ErrUnsupported.
func RunMember(context.Context, MemberOptions) error { return ErrUnsupported }
