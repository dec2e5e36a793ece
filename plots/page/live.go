package page

import (
	_ "embed"
	"html/template"
)

// LivePath is where a site has the page of a running cluster. Package live answers what it asks below it.
const LivePath = "live/"

//go:embed dist/live.js
var liveScript string

//go:embed dist/live.css
var liveStyle string

//go:embed live.html
var liveHTML string

var livePage = template.Must(template.New("live").Parse(liveHTML))

// liveView is what the template of a running cluster's page shows.
type liveView struct {
	Name, Policy string
	Looks        template.HTML
}
