package model

import (
	"errors"
	"fmt"
	"strings"
)

// MaxHostLength is the longest host name in bytes (RFC 1035, section 2.3.4).
const MaxHostLength = 253

const maxLabelLength = 63

// CheckHost says why name cannot be a host's name, or nil. A host name is a
// DNS name of RFC 1123 labels in lower case.
func CheckHost(name string) error {
	switch {
	case name == "":
		return errors.New("a host name may not be empty")
	case len(name) > MaxHostLength:
		return fmt.Errorf("a host name has at most %d bytes, this one has %d", MaxHostLength, len(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if err := checkLabel(label); err != nil {
			return fmt.Errorf("host name %q: %w", name, err)
		}
	}
	return nil
}

func checkLabel(label string) error {
	switch {
	case label == "":
		return errors.New("a label between dots may not be empty")
	case len(label) > maxLabelLength:
		return fmt.Errorf("a label has at most %d bytes", maxLabelLength)
	case label[0] == '-' || label[len(label)-1] == '-':
		return errors.New("a label may not begin or end with '-'")
	}
	for _, r := range label {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
		case r >= 'A' && r <= 'Z':
			return errors.New("only lower case is allowed")
		default:
			return fmt.Errorf("%q is not allowed, only a-z, 0-9, '-' and '.'", r)
		}
	}
	return nil
}
