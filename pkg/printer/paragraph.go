package printer

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwarp"
)

// paragraphWidth is how wide a paragraph is where no terminal says otherwise.
const paragraphWidth = 80

// Paragraph breaks text into lines of at most width columns; 0 for 80. It ends
// with a line's end, and is made harmless.
func Paragraph(text string, width int) string {
	if width <= 0 || width > paragraphWidth {
		width = paragraphWidth
	}
	lines, _ := twwarp.WrapString(Sanitize(text), width)
	return strings.Join(lines, "\n") + "\n"
}
