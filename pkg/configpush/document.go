package configpush

import "github.com/kubectl-monitor/kubectl-monitor/pkg/model"

// Document is what a config file asks for.
type Document struct {
	Entries  []Entry
	Warnings []Problem // what is accepted and yet probably not meant
}

// Entry is one config of a document.
type Entry struct {
	// Host is empty in a plain config, whose host is named elsewhere. In the
	// list form it is a host's name or model.DefaultHost.
	Host string
	// Revision is the mod revision that the config is based on; nil if the
	// file does not say.
	Revision *int64
	// JSON is what is stored: the config's own bytes in a JSON file, and the
	// same structure as compact JSON, keys in their order, for YAML.
	JSON   []byte
	Config *model.Config // JSON as an agent decodes it
	// Delete asks that the host have no config: `"config": null`, spelled out.
	// JSON and Config are nil then.
	Delete bool
}

// ParseDocument reads a file of JSON or YAML that holds one plain config, or
// the list form that ConfigList is printed in, or one item of that list.
//
// It is strict where an agent is lenient, because there is somebody to ask:
// every problem is reported at once, in an *InvalidError. Unknown fields are
// warned about and stored as they are. YAML is read by the rules of YAML 1.2
// (`yes` is a string), without anchors, aliases, merge keys and tags.
//
// The name stands before each problem; its extension .json, .yaml or .yml
// settles which format is meant where the text could be either.
func ParseDocument(data []byte, name string) (*Document, error) {
	var f findings
	var doc Document
	if root := f.parse(data, name); root != nil {
		f.uniqueKeys(root)
		doc.Entries = f.entries(root)
	}
	if len(f.problems) > 0 {
		sortProblems(f.problems)
		return nil, &InvalidError{Name: name, Problems: f.problems}
	}
	sortProblems(f.warnings)
	doc.Warnings = f.warnings
	return &doc, nil
}
