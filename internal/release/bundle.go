package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

//go:embed files
var files embed.FS

// bundle writes what a workshop takes along: the programs for all targets, the manual, and a word on where to start.
func (r *release) bundle(context.Context) error {
	items := slices.Clone(r.docs)
	for _, t := range r.targets {
		items = append(items, below("bin/"+t.String(), r.executables(t))...)
	}
	for name, as := range map[string]item{"quorumlab.sh": {name: "quorumlab", mode: 0o755},
		"quorumlab.cmd": {name: "quorumlab.cmd", mode: 0o644}, "START-HERE.txt": {name: "START-HERE.txt", mode: 0o644}} {
		b, err := files.ReadFile("files/" + name)
		if err != nil {
			return err
		}
		as.content = bytes.ReplaceAll(b, []byte("@VERSION@"), []byte(r.stamp.Version))
		if as.name != "quorumlab" { // for what reads them on Windows
			as.content = bytes.ReplaceAll(as.content, []byte("\n"), []byte("\r\n"))
		}
		items = append(items, as)
	}
	scenarios, err := filepath.Glob(filepath.Join(r.tree, "scenarios", "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range scenarios {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		items = append(items, text("scenarios/"+filepath.Base(file), b))
	}
	pages, err := pagesOf(r.tree)
	if err != nil {
		return err
	}
	items = append(items, pages...)
	var sums bytes.Buffer
	for _, i := range ordered(items) {
		b, err := i.read()
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b), i.name)
	}
	items = below("quorumlab-workshop-"+r.stamp.Version, append(items, text(sumsName, sums.Bytes())))
	name := filepath.Join(r.dir, "quorumlab-workshop_"+r.stamp.Version+".zip")
	return create(name, func(w io.Writer) error { return writeZip(w, items, r.at) })
}
