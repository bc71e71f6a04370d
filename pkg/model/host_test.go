package model

import (
	"strings"
	"testing"
	"unicode"
)

func TestHostNamesAreDNSNamesOfRFC1123(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	for name, why := range map[string]string{
		"node-1":                        "",
		"0":                             "",
		"az-09":                         "",
		"10.0.0.1":                      "",
		"a--b":                          "",
		"xn--bcher-kva.example":         "",
		label63:                         "",
		strings.Repeat("a.", 126) + "a": "", // 253 bytes
		label63 + "." + label63 + "." + label63 + "." + label63[:61]: "", // 253 bytes

		"":                            "a host name may not be empty",
		strings.Repeat("a.", 127):     "a host name has at most 253 bytes, this one has 254",
		strings.Repeat("\xff", 1<<20): "a host name has at most 253 bytes, this one has 1048576",
		label63 + "a":                 `host name "` + label63 + `a": a label has at most 63 bytes`,
		"a." + label63 + "a":          `host name "a.` + label63 + `a": a label has at most 63 bytes`,
		DefaultHost:                   `host name "_default": '_' is not allowed, only a-z, 0-9, '-' and '.'`,
		"Node-1":                      `host name "Node-1": only lower case is allowed`,
		"aA":                          `host name "aA": only lower case is allowed`,
		"aZ":                          `host name "aZ": only lower case is allowed`,
		"-a":                          `host name "-a": a label may not begin or end with '-'`,
		"a-":                          `host name "a-": a label may not begin or end with '-'`,
		"a.-b":                        `host name "a.-b": a label may not begin or end with '-'`,
		".":                           `host name ".": a label between dots may not be empty`,
		"a.":                          `host name "a.": a label between dots may not be empty`,
		".a":                          `host name ".a": a label between dots may not be empty`,
		"a..b":                        `host name "a..b": a label between dots may not be empty`,
		"a/b":                         `host name "a/b": '/' is not allowed, only a-z, 0-9, '-' and '.'`,
		"a b":                         `host name "a b": ' ' is not allowed, only a-z, 0-9, '-' and '.'`,
		"a\n":                         `host name "a\n": '\n' is not allowed, only a-z, 0-9, '-' and '.'`,
		"\x00":                        `host name "\x00": '\x00' is not allowed, only a-z, 0-9, '-' and '.'`,
		"\x1b[2J":                     `host name "\x1b[2J": '\x1b' is not allowed, only a-z, 0-9, '-' and '.'`,
		"a\xff":                       `host name "a\xff": '�' is not allowed, only a-z, 0-9, '-' and '.'`,
		"bücher":                      `host name "bücher": 'ü' is not allowed, only a-z, 0-9, '-' and '.'`,
		"а":                           `host name "а": 'а' is not allowed, only a-z, 0-9, '-' and '.'`, // Cyrillic
		"٣":                           `host name "٣": '٣' is not allowed, only a-z, 0-9, '-' and '.'`, // a digit elsewhere
	} {
		got := ""
		if err := CheckHost(name); err != nil {
			got = err.Error()
		}
		if got != why {
			t.Errorf("%.80q:\n got %q\nwant %q", name, got, why)
		}
	}
}

// hostAlphabet is all that a host name is made of.
const hostAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-."

// Whatever is called a host name is safe as the last part of a key, in a path
// and on a terminal; whatever is not is refused in words that are safe too.
func FuzzCheckHost(f *testing.F) {
	for _, seed := range []string{"node-1", "a.b", "_default", "", "A", "a/b", "\x1b[2J", "\xff", "a..b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if err := CheckHost(name); err != nil {
			for _, r := range err.Error() {
				if unicode.IsControl(r) {
					t.Errorf("error %q has a control character", err)
				}
			}
			return
		}
		if name == "" || len(name) > 253 || strings.Trim(name, hostAlphabet) != "" || strings.Contains(name, "..") ||
			strings.ContainsAny(name[:1]+name[len(name)-1:], "-.") {
			t.Errorf("%q is called a host name", name)
		}
		for c := range strings.SplitSeq(name, "") {
			if !strings.Contains(hostAlphabet, c) {
				t.Errorf("%q is called a host name", name)
			}
		}
	})
}
