package page

import (
	"embed"
	"fmt"
)

// built holds what internal/webengine built before this program was, or only a note.
//
//go:embed wasm
var built embed.FS

//go:embed dist/worker.js
var worker string

// workerPath is where a site has the script that runs the simulator in the browser.
const workerPath = "engine/worker.js"

// HasEngine reports whether the simulator for browsers was built into this program: only then can a site of files
// alone be played with.
func HasEngine() bool {
	_, err := built.Open("wasm/sim.wasm.gz")
	return err == nil
}

// engineFiles are the files that run the simulator in the browser, or none.
func engineFiles() ([]SiteFile, error) {
	if !HasEngine() {
		return nil, nil
	}
	files := []SiteFile{{workerPath, "text/javascript; charset=utf-8", []byte(worker)}}
	for _, f := range []SiteFile{
		{Path: "wasm_exec.js", Type: "text/javascript; charset=utf-8"}, {Path: "sim.wasm.gz", Type: "application/gzip"},
	} {
		b, err := built.ReadFile("wasm/" + f.Path)
		if err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
		files = append(files, SiteFile{"engine/" + f.Path, f.Type, b})
	}
	return files, nil
}
