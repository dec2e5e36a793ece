package page

import (
	_ "embed"
	"html/template"
)

// LessonsPath is where a site has the page of the lessons. Package desk answers what it asks below it.
const LessonsPath = "lessons/"

//go:embed dist/lessons.js
var lessonsScript string

//go:embed dist/lessons.css
var lessonsStyle string

//go:embed lessons.html
var lessonsHTML string

var lessonsPage = template.Must(template.New("lessons").Parse(lessonsHTML))

// lessonsFiles are the page of the lessons and what it needs.
func lessonsFiles() ([]SiteFile, error) {
	b, err := render(lessonsPage, struct{ Policy string }{documentPolicy})
	return []SiteFile{
		{"lessons.js", "text/javascript; charset=utf-8", []byte(lessonsScript)},
		{"lessons.css", "text/css; charset=utf-8", []byte(lessonsStyle)},
		{LessonsPath + "index.html", "text/html; charset=utf-8", b},
	}, err
}
