package page

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"

	"quorumlab/plots"
	"quorumlab/plots/page/replay"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

//go:embed dist/player.js
var script string

//go:embed dist/player.css
var style string

//go:embed page.css
var frame string

//go:embed page.html
var pageHTML string

//go:embed list.html
var listHTML string

var (
	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
	listTemplate = template.Must(template.New("list").Parse(listHTML))
)

// Script is the player, to stand in a page of its own script elements or in a file.
func Script() string { return script }

// Style is the player's style sheet. It expects the page's colours as variables: paper, ink, muted, grid, pale, card,
// link, good, bad and open.
func Style() string { return style }

// Inline are the parts of a page that holds its run: two templates, with the looks and with the run as text, and the
// element that the player fills. Most bounds the size of the run in bytes, see [replay.Encode].
func Inline(t *sim.Trace, r *check.Result, most int) (template.HTML, error) {
	packed, err := replay.Encode(t, r, most)
	if err != nil {
		return "", err
	}
	looks, err := looksHTML()
	if err != nil {
		return "", err
	}
	return template.HTML(fmt.Sprintf("%s\n<template id=\"player-run\">%s</template>\n<div id=\"player\"></div>",
		looks, base64.StdEncoding.EncodeToString(packed))), nil
}

func looksHTML() (template.HTML, error) { return dataHTML("player-looks", plots.FigureLooks()) }

// dataHTML is an element that holds data for the script.
func dataHTML(id string, data any) (template.HTML, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	return template.HTML(fmt.Sprintf(`<template id="%s">%s</template>`, id, template.HTMLEscapeString(string(text)))), nil
}

// policy is what a page that is served may do: nothing but its own script and style, and to fetch its own run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

// workerPolicy is what the worker that runs the simulator may do, and only it: to compile WebAssembly.
const workerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// documentPolicy is the same as a page can say it of itself.
const documentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'"

// render fills a template.
func render(t *template.Template, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return b.Bytes(), nil
}
