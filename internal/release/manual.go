package main

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// pagesOf are the manual and the texts of the lessons, which it leads to.
func pagesOf(tree string) (items []item, err error) {
	pages, err := manual(filepath.Join(tree, "docs"))
	if err != nil {
		return nil, err
	}
	items = below("manual", pages)
	texts, err := filepath.Glob(filepath.Join(tree, "lessons", "*", "text.md"))
	if err != nil {
		return nil, err
	}
	for _, file := range texts {
		pages, err := manual(filepath.Dir(file))
		if err != nil {
			return nil, err
		}
		items = append(items, below("lessons/"+filepath.Base(filepath.Dir(file)), pages)...)
	}
	return items, nil
}

// manual is the manual as pages that a browser opens without a network, with their pictures.
func manual(docs string) (items []item, err error) {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	err = filepath.WalkDir(docs, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(docs, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		switch path.Ext(name) {
		case ".md":
			page, err := htmlPage(md, b)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			items = append(items, text(strings.TrimSuffix(name, ".md")+".html", page))
		case ".svg", ".png":
			items = append(items, text(name, b))
		}
		return nil
	})
	return items, err
}

// pageLink is a link to another page of the manual.
var pageLink = regexp.MustCompile(`(<a href="[^":]+)\.md([#"])`)

// style is that of a page that is read and printed.
const style = `body{max-width:48rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif}` +
	`table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.2rem .5rem;vertical-align:top}` +
	`pre{background:#f4f4f4;padding:.6rem;overflow-x:auto}img{max-width:100%}`

// htmlPage is a page of Markdown as a page for browsers, with no script and nothing from elsewhere.
func htmlPage(md goldmark.Markdown, source []byte) ([]byte, error) {
	var body bytes.Buffer
	if err := md.Convert(source, &body); err != nil {
		return nil, err
	}
	title, _, _ := strings.Cut(strings.TrimPrefix(string(source), "# "), "\n")
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "+
		"content=\"width=device-width\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n%s</body>\n</html>\n",
		html.EscapeString(title), style, pageLink.ReplaceAll(body.Bytes(), []byte("$1.html$2")))
	return b.Bytes(), nil
}
