package folders

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quorumlab/internal/input"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// traceName is the file of a run's folder that holds the trace, and summaryName the one with the verdicts.
const (
	traceName   = "trace.jsonl"
	summaryName = "summary.json"
)

// Saved is a trace that was read again, and what else its folder holds of the run: a trace does not
// say which runs on other engines it was compared with, where its script is, or what was
// judged during the run and can't be judged from what was kept.
type Saved struct {
	partial bool
	trace   *sim.Trace
	path    string            // of the file; empty: it came from standard input
	sum     [sha256.Size]byte // of the file
	dir     string            // the folder of the run; empty: the trace lies in none
	summary *savedSummary     // nil: there is none of this run
	script  string            // the file of the folder that the run can be run from; empty: none
	others  []*run.Judged
	notes   []string // see Notes
}

// savedSummary is what of a summary.json is needed for a report. It is the same in all formats.
type savedSummary struct {
	Scenario string              `json:"scenario"`
	Engine   string              `json:"engine"`
	Seed     uint64              `json:"seed"`
	Verdicts []check.VerdictJSON `json:"verdicts"`
	run.Facts
}

// compared are the runs that the facts tell of, in the order of the engines.
func compared(f *run.Facts) (others []*run.Judged) {
	for _, engine := range sim.RunEngines {
		r := &check.Result{}
		for name, x := range f.Others[engine] {
			r.Measures = append(r.Measures, check.MeasuredValue{Name: name, Unit: x.Unit, Value: x.Value})
		}
		if len(r.Measures) > 0 {
			others = append(others, &run.Judged{Trace: &sim.Trace{Header: sim.Header{Engine: engine}}, Result: r})
		}
	}
	return others
}

// Notes are sentences on what is missing, and on what else there is to know.
func (s *Saved) Notes() []string { return s.notes }

// SavedOptions say how a saved trace is read.
type SavedOptions struct {
	Events  int  // the most that may be in memory: all but messages, and what members do with log entries
	Partial bool // a trace that lacks events is judged by what it has; otherwise it is refused
}

// OpenSaved reads a trace by the name of its file or of its run's folder, or, as "-", from standard input.
// Defects of it are run.InputErrors.
func OpenSaved(ctx context.Context, arg string, how SavedOptions, stdin io.Reader) (*Saved, error) {
	s := &Saved{path: arg, partial: how.Partial}
	events := how.Events
	if arg == "-" {
		s.path = ""
		if stdin == nil {
			return nil, run.BadInput("", "there is no standard input")
		}
		if err := s.read(ctx, "standard input", stdin, events); err != nil {
			return nil, err
		}
		return s, errors.Join(s.lookBeside(ctx, events), s.whole("standard input"))
	}
	f, err := s.open()
	if err != nil {
		return nil, &run.InputError{Err: err, Hint: "nothing was written"}
	}
	defer f.Close()
	if err := s.read(ctx, s.path, f, events); err != nil {
		return nil, err
	}
	if err := s.lookBeside(ctx, events); err != nil {
		return nil, err
	}
	return s, s.whole(s.path)
}

// open finds the trace's file.
func (s *Saved) open() (*os.File, error) {
	is, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or folder", s.path)
	} else if err != nil {
		return nil, err
	}
	if is.IsDir() {
		s.dir, s.path = s.path, filepath.Join(s.path, traceName)
		if is, err = os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds no %s: it is not a run's folder, or the run left no trace", s.dir, traceName)
		} else if err != nil {
			return nil, err
		}
	} else if filepath.Base(s.path) == traceName {
		s.dir = filepath.Dir(s.path)
	}
	if !is.Mode().IsRegular() { // not opened: a pipe would wait for a writer
		return nil, fmt.Errorf("%s is not a regular file; a trace is read from one, or from standard input (-)", s.path)
	}
	return os.Open(s.path)
}

// read reads the trace. When ctx is done it does not wait for more input.
func (s *Saved) read(ctx context.Context, name string, in io.Reader, events int) error {
	type outcome struct {
		trace *sim.Trace
		err   error
	}
	sum, done := sha256.New(), make(chan outcome, 1)
	go func() {
		t, err := check.StreamTrace(io.TeeReader(in, sum), events)
		done <- outcome{t, err}
	}()
	var o outcome
	select {
	case <-ctx.Done():
		return ctx.Err()
	case o = <-done:
	}
	var at *sim.TraceError
	switch {
	case errors.Is(o.err, sim.ErrTooManyEvents):
		return run.BadInput("--max-events raises the limit, at about 200 bytes of memory per event", "%s: %w", name, o.err)
	case errors.As(o.err, &at):
		return run.BadInput(s.hint(at), "%s:%d: %w", name, at.Line, at.Err)
	case o.err != nil:
		return o.err
	}
	if err := o.trace.Check(); err != nil {
		return run.BadInput("nothing was written", "%s:1: %w", name, err)
	}
	s.trace = o.trace
	sum.Sum(s.sum[:0])
	return nil
}

// hint says where the trace is, for who names another file of a run.
func (s *Saved) hint(at *sim.TraceError) string {
	beside := filepath.Join(filepath.Dir(s.path), traceName)
	if s.path == "" || at.Line != 1 || filepath.Base(s.path) == traceName || !isFile(beside) {
		return "nothing was written"
	}
	return "the trace of this run is " + filepath.ToSlash(beside)
}

func isFile(path string) bool {
	is, err := os.Stat(path)
	return err == nil && is.Mode().IsRegular()
}

func (s *Saved) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// lookBeside finds what else the folder holds of the run. The error is that of a trace whose end is
// missing.
func (s *Saved) lookBeside(ctx context.Context, events int) error {
	if s.dir == "" {
		s.noteAlone()
		return nil
	}
	if name := s.trace.Scenario.Name + ".yaml"; isFile(filepath.Join(s.dir, name)) {
		s.script = name
	}
	s.readSummary()
	if s.summary == nil || s.summary.LastEvent == nil {
		s.siblings(ctx, events)
		return nil
	}
	if last := run.FactsOf(s.trace, nil).LastEvent; *last < *s.summary.LastEvent && !s.partial {
		return run.BadInput(partialHint,
			"%s ends with event %d, but the run's last was event %d, as %s beside it says: the end of the trace is missing",
			s.path, *last, *s.summary.LastEvent, summaryName)
	}
	s.others = compared(&s.summary.Facts)
	return nil
}

// noteAlone says what can't be known of a trace that lies in no run's folder.
func (s *Saved) noteAlone() {
	if len(s.trace.Scenario.Engines) > 1 {
		s.note("The trace does not tell whether the run was compared with one on another engine; the run's folder does.")
	}
}

// maxSummary is how large a summary may be, in bytes.
const maxSummary = 64 << 20

// readSummary reads the summary of the run, if there is one.
func (s *Saved) readSummary() {
	path := filepath.Join(s.dir, summaryName)
	if !isFile(path) {
		return
	}
	f, err := input.Open(path)
	if err != nil {
		s.note("%s was ignored: %v.", summaryName, err)
		return
	}
	defer f.Close()
	var x savedSummary
	if err := json.NewDecoder(io.LimitReader(f, maxSummary)).Decode(&x); err != nil {
		s.note("%s was ignored: it is not a summary of a run (%v).", summaryName, err)
		return
	}
	t := s.trace
	if x.Scenario != t.Scenario.Name || x.Engine != t.Engine || x.Seed != t.Seed {
		s.note("%s was ignored: it belongs to another run (%s on %s, seed %d).",
			summaryName, x.Scenario, x.Engine, x.Seed)
		return
	}
	s.summary = &x
}

// siblings finds the runs of the same scenario on other engines, instead of those that a
// summary would tell of.
func (s *Saved) siblings(ctx context.Context, events int) {
	for _, engine := range sim.RunEngines {
		if engine == s.trace.Engine || !s.trace.Scenario.NamesEngine(engine) {
			continue
		}
		o := &Saved{path: filepath.Join(s.parent(), run.FolderName(&s.trace.Scenario, engine))}
		f, err := o.open()
		if err != nil {
			continue
		}
		err = o.read(ctx, o.path, f, events)
		f.Close()
		if err != nil || !bytes.Equal(scenarios.Format(&o.trace.Scenario), scenarios.Format(&s.trace.Scenario)) {
			continue
		}
		s.others = append(s.others, run.Judge(o.trace))
		s.note("The report also shows the numbers of the run in %s; whether the original did is not recorded.",
			filepath.ToSlash(o.dir))
	}
}

// parent is the folder that the run's folder lies in.
func (s *Saved) parent() string {
	name := filepath.Base(filepath.Clean(s.dir))
	if name == "." || name == ".." {
		return filepath.Join(s.dir, "..")
	}
	return filepath.Dir(filepath.Clean(s.dir))
}

// Judge judges the trace as the run was judged. What was judged during the run, and can't be judged
// from what was kept of it, is taken from the summary.
func (s *Saved) Judge() *run.Judged {
	t, j := s.trace, run.Judge(s.trace)
	verdicts := j.Result.Verdicts
	known := map[string]check.VerdictJSON{}
	if s.summary != nil {
		for _, v := range s.summary.Verdicts {
			known[v.Check] = v
		}
	}
	for i, v := range verdicts {
		if k, ok := known[v.Check]; ok && v.Unknown && !k.Unknown && len(t.Without) > 0 {
			verdicts[i] = fromSummary(k)
			s.note("The verdict on %s is taken from %s: it needs events that the trace was kept without.", k.Check, summaryName)
		}
	}
	if k, ok := known[run.Bounded]; ok {
		verdicts = append(verdicts, fromSummary(k))
	}
	j.Result.Verdicts = verdicts
	s.compareVerdicts(verdicts)
	return j
}

func fromSummary(v check.VerdictJSON) sim.Verdict {
	x := sim.Verdict{Check: v.Check, OK: v.OK, Unknown: v.Unknown, Why: v.Why}
	if len(v.Events) > 0 {
		x.Events = v.Events
	}
	return x
}

// compareVerdicts says where the verdicts are not those of the summary.
func (s *Saved) compareVerdicts(vs []sim.Verdict) {
	if s.summary == nil {
		return
	}
	before := map[string]string{}
	for _, v := range s.summary.Verdicts {
		before[v.Check] = mark(v.OK, v.Unknown)
	}
	var differ []string
	for _, v := range vs {
		was, now := before[v.Check], mark(v.OK, v.Unknown)
		switch {
		case was == "":
			differ = append(differ, fmt.Sprintf("%s is %s and was not checked", v.Check, now))
		case was != now:
			differ = append(differ, fmt.Sprintf("%s is %s and was %s", v.Check, now, was))
		}
		delete(before, v.Check)
	}
	for _, v := range s.summary.Verdicts {
		if _, left := before[v.Check]; left {
			differ = append(differ, v.Check+" is no longer checked")
		}
	}
	if len(differ) > 0 {
		s.note("The verdicts differ from those in %s: %s.", summaryName, strings.Join(differ, "; "))
	}
}

// partialHint is what helps against a trace that lacks events.
const partialHint = "nothing was written; --partial judges what is left"

// whole finds what a trace lacks: the error of one that is not to be judged by what it has, or a note.
func (s *Saved) whole(name string) error {
	lacks := s.lacking()
	switch {
	case lacks == "":
		return nil
	case s.partial:
		s.note("The trace %s: only what it has was judged.", lacks)
		return nil
	}
	return run.BadInput(partialHint, "%s: the trace %s", name, lacks)
}

// lacking says which events of the run are missing, or nothing.
func (s *Saved) lacking() string {
	t := s.trace
	if n, first := t.Missing(); n > 0 {
		return fmt.Sprintf("lacks %d of the run's events, from event %d on", n, first)
	}
	if s.summary != nil && s.summary.LastEvent != nil {
		return "" // its end has been compared
	}
	if t.Scenario.Until != "" {
		return ""
	}
	if _, last := t.Last(); last < t.Scenario.Run {
		return fmt.Sprintf("ends at %s of a run of %s: its end is missing",
			sim.RoundedTime(last), sim.RoundedTime(t.Scenario.Run))
	}
	if m := unheard(t); m != 0 {
		return fmt.Sprintf("has no final state of %s, which was running at the end: its end is missing", t.Name(m))
	}
	return ""
}

// unheard is a member that was running at the end of a run on sim, and whose final state the trace does
// not have, or 0. On etcd a member may die while it is asked.
func unheard(t *sim.Trace) sim.MemberID {
	if t.Engine != "sim" {
		return 0
	}
	running := map[sim.MemberID]bool{}
	for _, e := range t.Events {
		switch e.Kind {
		case sim.KindStarted:
			running[e.Member] = true
		case sim.KindCrashed, sim.KindPanicked, sim.KindHash:
			delete(running, e.Member)
		}
	}
	for m := range sim.MemberID(len(t.Members)) {
		if running[m+1] {
			return m + 1
		}
	}
	return 0
}

// hasOperations reports whether there were client operations.
func hasOperations(t *sim.Trace) bool {
	return slices.ContainsFunc(t.Events, func(e sim.Event) bool { return e.Kind == sim.KindCall })
}

// mark is a verdict in a word.
func mark(ok, unknown bool) string {
	switch {
	case unknown:
		return "unknown"
	case ok:
		return "ok"
	}
	return "FAILED"
}
