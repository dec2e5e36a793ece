package main

import (
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/plots/folders"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// wanted reads the value of --write.
func wanted(write []string) ([]string, error) {
	parts := folders.Parts()
	if len(write) == 1 && (write[0] == "all" || write[0] == "none") {
		return map[string][]string{"all": parts}[write[0]], nil
	}
	for _, w := range write {
		if !slices.Contains(parts, w) {
			return nil, badUsage("", "--write: unknown part %q%s; the parts are %s, all and none", w,
				text.DidYouMean(w, parts), strings.Join(parts, ", "))
		}
	}
	return write, nil
}

// result is one finished run.
type result struct {
	trace  *sim.Trace
	judged *check.Result
	dir    string // what it left, or empty
	script string // the file's name under dir for a script that is in no file yet, or empty
}

func newResult(j *run.Judged) result { return result{trace: j.Trace, judged: j.Result} }

// run is the result as it was made.
func (r result) run() *run.Judged { return &run.Judged{Trace: r.trace, Result: r.judged} }

// write leaves the wanted parts of a run in dir/NAME-ENGINE-seedN. all are the runs of the same scenario, r
// among them.
func (r *result) write(dir string, want []string, all []result) (err error) {
	f := folders.RunFolder{Judged: r.run(), Script: r.script}
	for _, o := range all {
		f.Others = append(f.Others, o.run())
	}
	r.dir, err = f.Leave(dir, want)
	return err
}

// indented is JSON for people too.
func indented(v any) ([]byte, error) { return run.Indented(v) }
