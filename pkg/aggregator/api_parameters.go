package aggregator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// parameters reads those of a request. One that is not known is refused: to leave
// out a filter that was spelled wrong would answer another question.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &invalidError{fmt.Errorf("read the parameters: %w", err)}
	}
	for name := range given {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return nil, &invalidError{fmt.Errorf("unknown parameter %q; there are none here", name)}
		}
		return nil, &invalidError{fmt.Errorf("unknown parameter %q; known: %s", name, strings.Join(known, ", "))}
	}
	return given, nil
}

// oneOf reads a parameter that names one or more of a set: repeated, or with
// commas between, in upper or lower case.
func oneOf[T ~string](parameter string, given []string, set []T) ([]T, error) {
	var chosen []T
	for _, list := range given {
		for word := range strings.SplitSeq(list, ",") {
			i := slices.IndexFunc(set, func(v T) bool { return strings.EqualFold(string(v), word) })
			if i < 0 {
				return nil, &invalidError{fmt.Errorf("%s is not %q; known: %s", parameter, word, join(set))}
			}
			chosen = append(chosen, set[i])
		}
	}
	return chosen, nil
}

func join[T ~string](set []T) string {
	words := make([]string, len(set))
	for i, v := range set {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}
