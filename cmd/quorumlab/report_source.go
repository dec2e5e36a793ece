package main

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

	"quorumlab/plots/report"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// traceName is the file of a run's folder that holds the trace, and summaryName the one with the verdicts.
const (
	traceName   = "trace.jsonl"
	summaryName = "summary.json"
)

// saved is a trace that was read again, and what else its folder holds of the run: a trace does not
// tell with which runs on other engines it was compared, where its script lies, or what was
// judged while it went on and can't be from what was kept.
type saved struct {
	trace   *sim.Trace
	path    string            // of the file; empty: it came by standard input
	sum     [sha256.Size]byte // of the file
	dir     string            // the folder of the run; empty: the trace lies in none
	summary *savedSummary     // nil: there is none of this run
	script  string            // the file of the folder that the run can be run from; empty: none
	others  []report.OtherRun
	notes   []string // what could not be had, for people
}

// savedSummary is what of a summary.json is needed for a report. It is the same in all formats.
type savedSummary struct {
	Scenario string              `json:"scenario"`
	Engine   string              `json:"engine"`
	Seed     uint64              `json:"seed"`
	Verdicts []check.JSONVerdict `json:"verdicts"`
	traceFacts
}

// traceFacts are in a summary for the sake of who reads the trace beside it.
type traceFacts struct {
	// LastEvent is the number of the trace's last event, by which one sees that its end is
	// missing. Older versions did not write it.
	LastEvent *uint64 `json:"last_event,omitempty"`
	// Others are the figures of the runs on other engines that the report shows, as measured,
	// by the engines' names.
	Others map[string]map[string]check.JSONFigure `json:"others,omitempty"`
}

// facts are those of a run that was compared with others.
func facts(t *sim.Trace, others []report.OtherRun) traceFacts {
	f := traceFacts{LastEvent: new(uint64)}
	if n := len(t.Events); n > 0 {
		*f.LastEvent = t.Events[n-1].Seq
	}
	for _, o := range others {
		if f.Others == nil {
			f.Others = map[string]map[string]check.JSONFigure{}
		}
		f.Others[o.Name] = map[string]check.JSONFigure{}
		for _, x := range o.Result.Figures {
			f.Others[o.Name][x.Name] = check.JSONFigure{Value: x.Value, Unit: x.Unit}
		}
	}
	return f
}

// compared are the runs that the facts tell of, in the order of the engines.
func (f *traceFacts) compared() (others []report.OtherRun) {
	for _, engine := range engineNames {
		r := &check.Result{}
		for name, x := range f.Others[engine] {
			r.Figures = append(r.Figures, check.Figure{Name: name, Unit: x.Unit, Value: x.Value})
		}
		if len(r.Figures) > 0 {
			others = append(others, report.OtherRun{Name: engine, Result: r})
		}
	}
	return others
}

// openSaved reads a trace by the name of its file or of its run's folder, or from standard input. What
// is wrong with it is a usageError.
func openSaved(ctx context.Context, arg string, events int, in streams) (*saved, error) {
	s := &saved{path: arg}
	if arg == "-" {
		s.path = ""
		if in.in == nil {
			return nil, badUsage("", "there is no standard input")
		}
		if err := s.read(ctx, "standard input", in.in, events); err != nil {
			return nil, err
		}
		return s, s.lookBeside(ctx, events)
	}
	f, err := s.open()
	if err != nil {
		return nil, usageError{err, "nothing was written"}
	}
	defer f.Close()
	if err := s.read(ctx, s.path, f, events); err != nil {
		return nil, err
	}
	return s, s.lookBeside(ctx, events)
}

// open finds the trace's file.
func (s *saved) open() (*os.File, error) {
	is, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file or folder", s.path)
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
		return nil, fmt.Errorf("%s is no regular file; a trace is read from one, or from standard input with -", s.path)
	}
	return os.Open(s.path)
}

// read reads the trace. When ctx is done it does not wait for more input.
func (s *saved) read(ctx context.Context, name string, in io.Reader, events int) error {
	type outcome struct {
		trace *sim.Trace
		err   error
	}
	sum, done := sha256.New(), make(chan outcome, 1)
	go func() {
		t, err := check.ReadTraceUpTo(io.TeeReader(in, sum), events)
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
		return badUsage("--max-events raises the limit, at some 200 bytes of memory for each event", "%s: %w", name, o.err)
	case errors.As(o.err, &at):
		return badUsage(s.hint(at), "%s:%d: %w", name, at.Line, at.Err)
	case o.err != nil:
		return o.err
	}
	if err := o.trace.Check(); err != nil {
		return badUsage("nothing was written", "%s:1: %w", name, err)
	}
	s.trace = o.trace
	sum.Sum(s.sum[:0])
	return nil
}

// hint says where the trace is, for who names another file of a run.
func (s *saved) hint(at *sim.TraceError) string {
	beside := filepath.Join(filepath.Dir(s.path), traceName)
	if s.path == "" || at.Line != 1 || filepath.Base(s.path) == traceName || !isFile(beside) {
		return "nothing was written"
	}
	return "the trace of this run is " + slashed(beside)
}

func isFile(path string) bool {
	is, err := os.Stat(path)
	return err == nil && is.Mode().IsRegular()
}

func (s *saved) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// lookBeside finds what else the folder holds of the run. The error is that of a trace whose end is
// missing.
func (s *saved) lookBeside(ctx context.Context, events int) error {
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
	if last := facts(s.trace, nil).LastEvent; *last < *s.summary.LastEvent {
		return badUsage("to judge what is left, copy the trace to where no "+summaryName+" is",
			"%s ends with event %d, but the run's last was event %d, as %s beside it says: the end of the trace is missing",
			s.path, *last, *s.summary.LastEvent, summaryName)
	}
	s.others = s.summary.compared()
	return nil
}

// noteAlone says what can't be known of a trace that lies in no run's folder.
func (s *saved) noteAlone() {
	if len(s.trace.Scenario.Engines) > 1 {
		s.note("The trace does not tell whether the run was compared with one on another engine; the run's folder does.")
	}
}

// maxSummary is how large a summary may be, in bytes.
const maxSummary = 64 << 20

// readSummary reads the summary of the run, if there is one.
func (s *saved) readSummary() {
	path := filepath.Join(s.dir, summaryName)
	if !isFile(path) {
		return
	}
	f, err := os.Open(path)
	if err != nil {
		s.note("%s was ignored: %v.", summaryName, err)
		return
	}
	defer f.Close()
	var x savedSummary
	if err := json.NewDecoder(io.LimitReader(f, maxSummary)).Decode(&x); err != nil {
		s.note("%s was ignored: it is no summary of a run (%v).", summaryName, err)
		return
	}
	t := s.trace
	if x.Scenario != t.Scenario.Name || x.Engine != t.Engine || x.Seed != t.Seed {
		s.note("%s was ignored: it is of another run (%s on %s, seed %d).",
			summaryName, x.Scenario, x.Engine, x.Seed)
		return
	}
	s.summary = &x
}

// siblings finds the runs of the same scenario on other engines, in the place of those that a
// summary would tell of.
func (s *saved) siblings(ctx context.Context, events int) {
	for _, engine := range engineNames {
		if engine == s.trace.Engine || !s.trace.Scenario.NamesEngine(engine) {
			continue
		}
		o := &saved{path: filepath.Join(s.parent(), outDir(&s.trace.Scenario, engine))}
		f, err := o.open()
		if err != nil {
			continue
		}
		err = o.read(ctx, o.path, f, events)
		f.Close()
		if err != nil || !bytes.Equal(scenarios.Format(&o.trace.Scenario), scenarios.Format(&s.trace.Scenario)) {
			continue
		}
		s.others = append(s.others, report.OtherRun{Name: engine, Result: check.Judge(o.trace)})
		s.note("The report shows the numbers of the run in %s too; whether it did before is not recorded.",
			slashed(o.dir))
	}
}

// parent is the folder that the run's folder lies in.
func (s *saved) parent() string {
	name := filepath.Base(filepath.Clean(s.dir))
	if name == "." || name == ".." {
		return filepath.Join(s.dir, "..")
	}
	return filepath.Dir(filepath.Clean(s.dir))
}

// judge judges the trace as the run was. What was judged while the run went on, and can't be from
// what was kept of it, is taken from the summary.
func (s *saved) judge() result {
	t := s.trace
	j := check.Judge(t)
	known := map[string]check.JSONVerdict{}
	if s.summary != nil {
		for _, v := range s.summary.Verdicts {
			known[v.Check] = v
		}
	}
	for i, v := range j.Verdicts {
		if k, ok := known[v.Check]; ok && v.Unknown && !k.Unknown && len(t.Without) > 0 {
			j.Verdicts[i] = fromSummary(k)
			s.note("The verdict on %s is that of %s: it needs events that the trace was kept without.", k.Check, summaryName)
		}
	}
	if k, ok := known[unbounded]; ok {
		j.Verdicts = append(j.Verdicts, fromSummary(k))
	}
	s.compareVerdicts(j.Verdicts)
	s.noteMissing()
	return result{trace: t, judged: j, script: s.script, same: true, compared: s.others}
}

func fromSummary(v check.JSONVerdict) sim.Verdict {
	x := sim.Verdict{Check: v.Check, OK: v.OK, Unknown: v.Unknown, Why: v.Why}
	if len(v.Events) > 0 {
		x.Events = v.Events
	}
	return x
}

// compareVerdicts says where the verdicts are not those of the summary.
func (s *saved) compareVerdicts(vs []sim.Verdict) {
	if s.summary == nil {
		return
	}
	before := map[string]string{}
	for _, v := range s.summary.Verdicts {
		before[v.Check] = verdictMark(sim.Verdict{OK: v.OK, Unknown: v.Unknown})
	}
	var differ []string
	for _, v := range vs {
		was, now := before[v.Check], verdictMark(v)
		switch {
		case was == "":
			differ = append(differ, fmt.Sprintf("%s is %s and was not asked", v.Check, now))
		case was != now:
			differ = append(differ, fmt.Sprintf("%s is %s and was %s", v.Check, now, was))
		}
		delete(before, v.Check)
	}
	for _, v := range s.summary.Verdicts {
		if _, left := before[v.Check]; left {
			differ = append(differ, v.Check+" is not asked any more")
		}
	}
	if len(differ) > 0 {
		s.note("The verdicts differ from those in %s: %s.", summaryName, strings.Join(differ, "; "))
	}
}

// noteMissing says what a whole trace would have and this one has not.
func (s *saved) noteMissing() {
	t := s.trace
	if n, first := t.Missing(); n > 0 {
		s.note("The trace is without %d of the run's events, from event %d on: what it shows was judged.", n, first)
	}
	if s.summary != nil && s.summary.LastEvent != nil {
		return
	}
	var last sim.Event
	if n := len(t.Events); n > 0 {
		last = t.Events[n-1]
	}
	if t.Scenario.Until == "" && last.At < t.Scenario.Run {
		s.note("The trace ends at %s of a run of %s: if more should follow, its end is missing.",
			seconds(last.At), seconds(t.Scenario.Run))
	}
}

// hasOperations tells whether clients asked for anything.
func hasOperations(t *sim.Trace) bool {
	return slices.ContainsFunc(t.Events, func(e sim.Event) bool { return e.Kind == sim.KindCall })
}
