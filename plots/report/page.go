package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"quorumlab/plots/chart"
)

//go:embed report.css
var reportCSS string

// The style of pages, also for those that are not reports of runs: lessons have pages of
// their own, which show pictures as reports do.

// CSS is the style sheet of all pages, light and dark.
func CSS() template.CSS { return template.CSS(reportCSS) }

// pageColours are the report's names for the neutral colours of the figures.
var pageColours = []struct {
	colour chart.Colour
	name   string
}{{chart.Paper, "paper"}, {chart.Ink, "ink"}, {chart.Muted, "muted"}, {chart.Grid, "grid"}, {chart.Pale, "pale"}}

// InlineSVG is a picture as an element of a page: without the document's head, with a title
// for screen readers, with the page's colours instead of the neutral ones.
func InlineSVG(title string, svg []byte) template.HTML {
	svg = svg[bytes.Index(svg, []byte("<svg")):]
	head, body, _ := bytes.Cut(svg, []byte(">"))
	_, box, _ := bytes.Cut(head, []byte("viewBox=\""))
	box, _, _ = bytes.Cut(box, []byte("\""))
	for _, c := range pageColours {
		body = bytes.ReplaceAll(body, fmt.Appendf(nil, ":#%06X", uint32(c.colour)), []byte(":var(--"+c.name+")"))
	}
	return template.HTML(fmt.Sprintf(`<svg role="img" aria-label="%s" viewBox="%s">`, template.HTMLEscapeString(title),
		box)) + template.HTML(body)
}

// paragraphs is printable for texts of several lines.
func paragraphs(s string) string {
	ls := strings.Split(s, "\n")
	for i, l := range ls {
		ls[i] = chart.Printable(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(ls, "\n")
}

// prose is printable for what somebody wrote in lines of some width: they are joined, so that the page breaks them
// where it ends. A line that is indented, or begins like an item of a list, stays one.
func prose(s string) string {
	var b strings.Builder
	for i, l := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		apart := l == "" || strings.HasPrefix(l, " ") || strings.HasPrefix(l, "- ") || strings.HasPrefix(l, "\t")
		switch {
		case i == 0 || strings.HasSuffix(b.String(), "\n"):
		case apart:
			b.WriteString("\n")
		default:
			b.WriteString(" ")
		}
		b.WriteString(chart.Printable(strings.ReplaceAll(l, "\t", "    ")))
		if l == "" {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// clock is a moment of a run for people.
func clock(at time.Duration) string {
	return strconv.FormatFloat(at.Seconds(), 'f', 3, 64) + " s"
}
