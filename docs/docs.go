// Package docs holds the manual: guides for people who use quorumlab, what is worth knowing about
// its inside, and the reference, which is generated from what the program registers.
//
// The pages are Markdown and part of the program, so that `quorumlab help TOPIC` shows them
// without a network. README.md lists them all; a page that it lacks fails the tests.
package docs

//go:generate go test quorumlab/cmd/quorumlab -run TestReferenceIsCurrent -update

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"
)

//go:embed *.md internals/*.md reference/*.md
var files embed.FS

// Page is one page of the manual.
type Page struct {
	Topic string // what help calls it: the file's name without .md
	Path  string // below docs, with slashes
	Title string
	About string // a sentence
}

// entry is a page's line in README.md: "- [Title](path.md): about."
var entry = regexp.MustCompile(`(?m)^- \[([^]]+)\]\(([a-z0-9/-]+\.md)\): ([^\n]+(?:\n  [^\n]+)*)`)

// Pages lists the pages in the order of README.md, which is the one to read them in.
func Pages() (pages []Page) {
	index, _ := files.ReadFile("README.md")
	for _, m := range entry.FindAllStringSubmatch(string(index), -1) {
		about := strings.Join(strings.Fields(m[3]), " ")
		pages = append(pages, Page{strings.TrimSuffix(path.Base(m[2]), ".md"), m[2], m[1], about})
	}
	return pages
}

// Text is the page's Markdown.
func (p Page) Text() (string, error) {
	b, err := files.ReadFile(p.Path)
	if err != nil {
		return "", fmt.Errorf("the manual's %s: %w", p.Topic, err)
	}
	return string(b), nil
}
