package model

import (
	"fmt"
	"strings"
)

// DidYouMean names the known word that name is most likely a slip of, as the
// end of a message, or returns "".
func DidYouMean(name string, known []string) string {
	best, bestDistance := "", 0
	for _, k := range known {
		d := editDistance(strings.ToLower(name), strings.ToLower(k))
		if d <= allowedSlips(k) && (best == "" || d < bestDistance) {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// allowedSlips is one for every three letters: more, and short words would all
// be near each other.
func allowedSlips(word string) int { return len(word) / 3 }

// editDistance is the number of bytes to insert, delete, replace or swap with
// their neighbour to get from a to b (optimal string alignment). Where the
// lengths alone say that it is large, their difference is returned.
func editDistance(a, b string) int {
	if diff := max(len(a)-len(b), len(b)-len(a)); diff > allowedSlips(b) {
		return diff
	}
	var beforeLast []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], beforeLast[j-2]+1)
			}
		}
		beforeLast, last = last, row
	}
	return last[len(b)]
}
