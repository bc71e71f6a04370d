package configpush

import (
	"slices"
	"strconv"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The fields of the list form and of its items; those that are read.
const (
	fieldAPIVersion = "apiVersion"
	fieldKind       = "kind"
	fieldItems      = "items"

	fieldHost     = "host"
	fieldRevision = "revision"
	fieldConfig   = "config"
	fieldError    = "error"
)

func listFields() []string {
	return []string{fieldAPIVersion, fieldKind, fieldItems, "observedAt", "target"}
}

func itemFields() []string {
	return []string{fieldHost, fieldRevision, fieldConfig, fieldError}
}

// entries finds out in which form a file is written, and reads it. A config may
// have fields of any name, so what sets a field of a config is a plain one
// unless it has items.
func (f *findings) entries(root *docNode) []Entry {
	plain := root.hasAny(configFields()...)
	switch {
	case root.hasAny(fieldItems), !plain && root.hasAny(fieldAPIVersion, fieldKind):
		return f.list(root)
	case !plain && root.hasAny(fieldHost) && root.hasAny(fieldConfig):
		return []Entry{f.item(root)}
	}
	return []Entry{f.config(root)}
}

func (f *findings) list(root *docNode) []Entry {
	isVersion := f.isWord(root, fieldAPIVersion, model.APIVersion)
	isList := f.isWord(root, fieldKind, model.KindConfigList)
	if !isVersion || !isList {
		return nil // some other record: what its items lack is beside the point
	}
	f.warnUnknown(root, listFields())
	items := f.required(root, fieldItems)
	if items == nil || !f.isKind(items, kindList, "items must be a list") {
		return nil
	}
	if len(items.children) == 0 {
		f.of(items, "items is empty: there is nothing to apply")
	}
	var entries []Entry
	first := make(map[string]*docNode)
	for _, item := range items.children {
		e := f.item(item)
		entries = append(entries, e)
		host := item.field(fieldHost)
		if host == nil || host.kind != kindString {
			continue
		}
		if before, ok := first[host.text]; ok {
			f.of(host, "duplicate host %s, first on line %d", clippedQuote(host.text), before.at.line)
		} else {
			first[host.text] = host
		}
	}
	return entries
}

func (f *findings) item(n *docNode) Entry {
	if !f.isKind(n, kindObject, "an item must be an object") {
		return Entry{}
	}
	f.warnUnknown(n, itemFields())
	if stored := n.field(fieldError); stored != nil && !(stored.kind == kindString && stored.text == "") {
		f.of(stored, "what is stored for this host is not a valid config: correct it and remove %q", fieldError)
	}
	host := f.host(n)
	revision := f.revision(n)
	var e Entry
	switch config := f.required(n, fieldConfig); {
	case config == nil:
	case config.kind == kindNull && config.text == "":
		// In YAML a slip of the indentation looks like this.
		f.of(config, "config is empty: write null to delete the host's config")
	case config.kind == kindNull:
		e.Delete = true
	default:
		e = f.config(config)
	}
	e.Host, e.Revision = host, revision
	return e
}

func (f *findings) host(item *docNode) string {
	n := f.required(item, fieldHost)
	if n == nil || !f.isKind(n, kindString, "host must be a name") {
		return ""
	}
	if n.text != model.DefaultHost {
		if err := model.CheckHost(n.text); err != nil {
			f.of(n, "%v", err)
		}
	}
	return n.text
}

func (f *findings) revision(item *docNode) *int64 {
	const must = "revision must be a whole number from 0"
	n := item.field(fieldRevision)
	if n == nil || !f.isKind(n, kindNumber, must) {
		return nil
	}
	v, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil || v < 0 {
		f.of(n, "%s, not %s", must, n.describe())
	}
	return &v
}

// required returns an object's field, or reports that it is missing.
func (f *findings) required(object *docNode, key string) *docNode {
	n := object.field(key)
	if n == nil {
		f.of(object, "%s is missing", key)
	}
	return n
}

// isWord reports whether a field is there and says word, and reports it if not.
func (f *findings) isWord(object *docNode, key, word string) bool {
	n := object.field(key)
	switch {
	case n == nil:
		f.of(object, "%s is missing: it must be %q", key, word)
		return false
	case n.kind == kindString && n.text == word:
		return true
	case n.kind != kindRefused:
		f.of(n, "%s must be %q, not %s", key, word, n.describe())
	}
	return false
}

func (f *findings) warnUnknown(object *docNode, known []string) {
	for _, c := range object.children {
		if !slices.Contains(known, c.key) {
			f.unknownField(c, known, "is ignored")
		}
	}
}
