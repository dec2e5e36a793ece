package plots

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

//go:embed report/report.css
var reportCSS string

// The style of pages, for those that are not reports of runs: lessons have pages of their
// own, which show pictures as reports do.

// PageCSS is the style sheet of all pages, light and dark.
func PageCSS() template.CSS { return template.CSS(reportCSS) }

// pageColours are the report's names for the neutral colours of the figures.
var pageColours = []struct {
	colour hex
	name   string
}{{paper, "paper"}, {ink, "ink"}, {muted, "muted"}, {grid, "grid"}, {pale, "pale"}}

// InlineSVG is a picture as an element of a page: without the document's head, with a title
// for screen readers, with the page's colours in place of the neutral ones.
func InlineSVG(title string, svg []byte) template.HTML {
	svg = svg[bytes.Index(svg, []byte("<svg")):]
	head, body, _ := bytes.Cut(svg, []byte(">"))
	_, box, _ := bytes.Cut(head, []byte("viewBox=\""))
	box, _, _ = bytes.Cut(box, []byte("\""))
	for _, c := range pageColours {
		body = bytes.ReplaceAll(body, fmt.Appendf(nil, ":#%06X", uint32(c.colour)), []byte(":var(--"+c.name+")"))
	}
	return template.HTML(fmt.Sprintf(`<svg role="img" aria-label="%s" viewBox="%s">`, template.HTMLEscapeString(title), box)) + template.HTML(body)
}

// paragraphs is printable for texts of several lines.
func paragraphs(s string) string {
	ls := strings.Split(s, "\n")
	for i, l := range ls {
		ls[i] = printable(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(ls, "\n")
}

// clock is a moment of a run for people.
func clock(at time.Duration) string {
	return strconv.FormatFloat(at.Seconds(), 'f', 3, 64) + " s"
}
