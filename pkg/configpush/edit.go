package configpush

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// EditText is what a person is given to edit: the list form of configs below a
// comment that explains it, and that names the problems which a first edit had.
// Their lines, counted from the body's first, are returned as those of the text.
func EditText(body []byte, problems []Problem) ([]byte, []Problem) {
	header := []string{
		"# Comments here at the top are not stored. Save the file empty, or as it is, and",
		"# nothing is written.",
		"#",
		fmt.Sprintf("# interval: seconds, %v to %v; ttl: seconds, %d to %d", model.MinInterval, model.MaxInterval, model.MinTTL, model.MaxTTL),
		"# metrics: a list of " + strings.Join(model.MetricNames(), ", "),
		"# config: null is no config at all",
		"#",
	}
	shown := slices.Clone(problems[:min(len(problems), maxProblems)])
	if len(shown) > 0 {
		height := len(header) + len(shown) + 2
		header = append(header, "# It cannot be pushed as it is:")
		for i := range shown {
			if shown[i].Line > 0 {
				shown[i].Line += height
			}
			header = append(header, "#   "+shown[i].String())
		}
		header = append(header, "#")
	}
	return append([]byte(strings.Join(header, "\n")+"\n"), body...), shown
}

// EditedBody is an edited text without the comment at its top.
func EditedBody(text []byte) []byte {
	for bytes.HasPrefix(text, []byte{'#'}) {
		_, text, _ = bytes.Cut(text, []byte{'\n'})
	}
	return text
}

// Edited reads an edited body, of which name is the file, as changes of the
// configs that were shown: based on their revisions, whatever the body says. One
// that was taken out stays as it is stored. The warnings are those of the
// document; what cannot be pushed is an *InvalidError.
func Edited(body []byte, name string, shown []model.ConfigItem) (wanted []Wanted, warnings []Problem, err error) {
	doc, err := ParseDocument(body, name)
	if err != nil {
		return nil, nil, err
	}
	var f findings
	for _, e := range doc.Entries {
		host := e.Host
		if host == "" && len(shown) == 1 {
			host = shown[0].Host // without the list around it
		}
		i := slices.IndexFunc(shown, func(item model.ConfigItem) bool { return item.Host == host })
		switch {
		case host == "":
			f.ofFile("whose config is this? Keep the list that was opened")
		case i < 0:
			f.ofFile("host %s was not opened", clippedQuote(host))
		default:
			wanted = append(wanted, Wanted{Host: host, JSON: e.JSON, Delete: e.Delete, Base: &shown[i].Revision})
		}
	}
	if len(f.problems) > 0 {
		return nil, nil, &InvalidError{Name: name, Problems: f.problems}
	}
	return wanted, doc.Warnings, nil
}
