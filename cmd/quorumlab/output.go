package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/result"
	"quorumlab/internal/text"
	"quorumlab/plots/folders"
	"quorumlab/sim/run"
)

// forceFlag declares --force.
func forceFlag(fs *pflag.FlagSet, force *bool) {
	fs.BoolVar(force, "force", false, "replace what is at the result's place, even if quorumlab did not make it")
}

// takeAll takes the places of all results before the work for them begins. release gives them up.
func takeAll(claims []result.Destination) (places []*result.Taken, release func() error, err error) {
	var taken []*result.Taken
	release = func() (err error) {
		for _, p := range slices.Backward(taken) {
			err = errors.Join(err, p.Release())
		}
		return err
	}
	for _, c := range claims {
		p, err := c.Take()
		if err != nil {
			return nil, nil, errors.Join(err, release())
		}
		taken = append(taken, p)
	}
	return taken, release, nil
}

// leaveFiles writes single files, by their names, into a folder: all of them, or none where one is in the way.
func leaveFiles(dir, kind string, force bool, files map[string][]byte) (err error) {
	p, err := result.Destination{Path: dir, Kind: kind, Force: force, Into: true, Unmarked: true}.Take()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Release()) }()
	if err := p.MayWrite(files); err != nil {
		return err
	}
	var parts []run.FolderPart
	for name, content := range files {
		parts = append(parts, run.FilePart(name, content))
	}
	return run.Leave(p, parts...)
}

// wanted reads the value of --write.
func wanted(write []string) ([]string, error) {
	parts := folders.Parts()
	if len(write) == 1 && (write[0] == "all" || write[0] == "none") {
		return map[string][]string{"all": parts}[write[0]], nil
	}
	for _, w := range write {
		if w == "all" || w == "none" {
			return nil, badUsage("", "--write: %s stands alone; it can't be combined with other parts", w)
		}
		if !slices.Contains(parts, w) {
			return nil, badUsage("", "--write: unknown part %q%s", w,
				text.DidYouMeanOr(w, slices.Concat(parts, []string{"all", "none"}),
					"the parts are "+strings.Join(parts, ", ")+"; or write all or none"))
		}
	}
	return write, nil
}
