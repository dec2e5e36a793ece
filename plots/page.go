package plots

import "html/template"

// The style of pages, for those that are not reports of runs: lessons have pages of their
// own, which show pictures as reports do.

// PageCSS is the style sheet of all pages, light and dark.
func PageCSS() template.CSS { return template.CSS(reportCSS) }

// InlineSVG is a picture as an element of a page: named for screen readers, and in the
// page's colours.
func InlineSVG(title string, svg []byte) template.HTML {
	return inlineSVG(Picture{Figure: &Figure{Title: title}, SVG: svg})
}
