package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// reported runs quorumlab report and returns its exit code and what it printed.
func reported(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var printed bytes.Buffer
	code = execute(context.Background(), append([]string{"report"}, args...), streams{out: &printed, err: &printed})
	return code, printed.String()
}

// outcomes are what verdicts say beside their words, which get better from release to release.
func outcomes(vs []check.VerdictJSON) []check.VerdictJSON {
	vs = slices.Clone(vs)
	for i := range vs {
		vs[i].Why = ""
	}
	return vs
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestTracesOfOlderReleases reports what older releases have left: testdata/traces has a folder for each
// format, with the folders of runs on sim and on etcd and of a trial of a sweep, as they were left. They
// are never written again.
func TestTracesOfOlderReleases(t *testing.T) {
	dirs, err := filepath.Glob("testdata/traces/*/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			out := t.TempDir()
			var was, is struct{ Verdicts []check.VerdictJSON }
			readJSON(t, filepath.Join(dir, "summary.json"), &was)
			code, printed := reported(t, dir, "--out", out, "--write", "summary,trace,report")
			failed := slices.ContainsFunc(was.Verdicts, func(v check.VerdictJSON) bool { return !v.OK })
			if (code == exitFailed) != failed || code == exitUsage {
				t.Fatalf("exit code %d, and the run failed: %v\n%s", code, failed, printed)
			}
			left := filepath.Join(out, filepath.Base(dir))
			readJSON(t, filepath.Join(left, "summary.json"), &is)
			a, _ := json.MarshalIndent(outcomes(was.Verdicts), "", " ")
			b, _ := json.MarshalIndent(outcomes(is.Verdicts), "", " ")
			if !bytes.Equal(a, b) {
				t.Errorf("verdicts\n%s\nwere\n%s", b, a)
			}
			sameMeasures(t, filepath.Join(dir, "summary.json"), filepath.Join(left, "summary.json"))
			sameBytes(t, filepath.Join(dir, "trace.jsonl"), filepath.Join(left, "trace.jsonl"))
			if _, err := os.Stat(filepath.Join(left, "report.html")); err != nil {
				t.Error("there is no report")
			}
		})
	}
}

// sameMeasures compares the measures of two summaries. A release may read off more of them than an older one.
func sameMeasures(t *testing.T, older, newer string) {
	t.Helper()
	var was, is struct {
		Figures, Measures map[string]check.MeasureJSON // in format 1, and since
	}
	readJSON(t, older, &was)
	readJSON(t, newer, &is)
	if len(was.Figures)+len(was.Measures) == 0 {
		t.Errorf("%s has no measures", older)
	}
	if len(was.Measures) == 0 {
		was.Measures = was.Figures
	}
	for name, x := range was.Measures {
		if counted := name == "throughput" || strings.HasPrefix(name, "messages."); counted {
			continue // what came after the run's length counted, too
		}
		if is.Measures[name] != x {
			t.Errorf("%s is %v and was %v", name, is.Measures[name], x)
		}
	}
}

func sameBytes(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// TestWhatReadsIsWrittenAgain holds that a trace that we have written comes back byte by byte.
func TestWhatReadsIsWrittenAgain(t *testing.T) {
	paths, err := filepath.Glob("testdata/traces/format-1/*/trace.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := check.ReadTrace(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := tr.Write(&again); err != nil || !bytes.Equal(again.Bytes(), text) {
			t.Errorf("%s is written as other bytes (%v)", path, err)
		}
	}
}

// TestRecordsOfTheManual reports the traces of real members that pictures of the manual are drawn
// from. They were thinned, and some lack settings that came later.
func TestRecordsOfTheManual(t *testing.T) {
	paths, err := filepath.Glob("../../docs/pictures/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, path := range paths {
		if code, printed := reported(t, path, "--partial", "--write", "none"); code == exitUsage ||
			!strings.Contains(printed, "note      The trace lacks") {
			t.Errorf("%s: exit code %d\n%s", path, code, printed)
		}
	}
}

// aRun is a folder with the trace of a run on sim and its summary, changed.
func aRun(t *testing.T, change func(tr *sim.Trace, sum map[string]any)) string {
	t.Helper()
	const from = "testdata/traces/format-1/leader-back-sim-seed1"
	text, err := os.ReadFile(filepath.Join(from, "trace.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := check.ReadTrace(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var sum map[string]any
	readJSON(t, filepath.Join(from, "summary.json"), &sum)
	change(tr, sum)
	dir := filepath.Join(t.TempDir(), "leader-back-sim-seed1")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run.Create(filepath.Join(dir, "trace.jsonl"), tr.Write); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(sum)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "summary.json"), b, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestWhatTheTraceDoesNotHold takes from the summary what was known only while the run went on.
func TestWhatTheTraceDoesNotHold(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(tr *sim.Trace, sum map[string]any)
		code   int
		want   []string
	}{
		{"a flood", func(_ *sim.Trace, sum map[string]any) {
			flood := map[string]any{"check": run.Bounded, "why": "there was no end of it"}
			sum["verdicts"] = append(sum["verdicts"].([]any), flood)
		}, exitFailed, []string{"FAILED bounded: there was no end of it"}},
		{"kinds that were too many to keep", func(tr *sim.Trace, _ map[string]any) {
			tr.Events = slices.DeleteFunc(tr.Events, func(e sim.Event) bool { return sim.HighRate.Has(e.Kind) })
			for k := range sim.Kind(64) {
				if sim.HighRate.Has(k) {
					tr.Without = append(tr.Without, k)
				}
			}
		}, exitGood, []string{"ok safety: each of 2 terms had one leader",
			"note The verdict on safety is taken from summary.json"}},
		{"another verdict", func(_ *sim.Trace, sum map[string]any) {
			sum["verdicts"].([]any)[0].(map[string]any)["ok"] = false
		}, exitGood, []string{"The verdicts differ from those in summary.json: equal-state is ok and was FAILED."}},
		{"a summary of another run", func(_ *sim.Trace, sum map[string]any) { sum["seed"] = 9 },
			exitGood, []string{"summary.json was ignored: it belongs to another run (leader-back on sim, seed 9)."}},
		{"a summary of something else", func(_ *sim.Trace, sum map[string]any) { sum["verdicts"] = 1 },
			exitGood, []string{"summary.json was ignored: it is not a summary of a run"}},
		{"an end that can't be told from a cut", func(tr *sim.Trace, _ map[string]any) { tr.Events = tr.Events[:300] },
			exitGood, []string{"its end is missing: only what it has was judged."}},
		{"events in the middle", func(tr *sim.Trace, _ map[string]any) { tr.Events = slices.Delete(tr.Events, 1, 3) },
			exitGood, []string{"The trace lacks 2 of the run's events, from event 2 on"}},
		{"operations", func(tr *sim.Trace, _ map[string]any) {
			tr.Events = slices.DeleteFunc(tr.Events, func(e sim.Event) bool { return e.Kind == sim.KindCall })
		}, exitGood, []string{"There is no history.html: there were no client operations."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, printed := reported(t, aRun(t, tt.change), "--partial", "--write", "none", "--history",
				"--out", t.TempDir())
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, w := range tt.want {
				if !strings.Contains(strings.Join(strings.Fields(printed), " "), w) { // however its lines are broken
					t.Errorf("no %q in\n%s", w, printed)
				}
			}
		})
	}
}

// TestHeadersThatNoRunHas are refused, before the names in them become those of folders.
func TestHeadersThatNoRunHas(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(h *sim.Header)
		want   string
	}{
		{"engine", func(h *sim.Header) { h.Engine = "../../x" }, `unknown engine "../../x"; the engines are sim, etcd and etcd-virtual`},
		{"name", func(h *sim.Header) { h.Scenario.Name = "../x" }, `the scenario: name: "../x" is not a scenario name`},
		{"seed", func(h *sim.Header) { h.Seed = 4 }, "the seed is 4, but the scenario's is 1"},
		{"heartbeat", func(h *sim.Header) { h.Scenario.Cluster.Heartbeat = 0 }, "the scenario: cluster.heartbeat: "},
		{"members", func(h *sim.Header) { h.Members = append(h.Members, "n4") },
			"the members are n1, n2, n3, n4, but the scenario's are n1, n2, n3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := aRun(t, func(tr *sim.Trace, _ map[string]any) { tt.change(&tr.Header) })
			out := filepath.Join(t.TempDir(), "out")
			code, printed := reported(t, dir, "--out", out)
			if code != exitUsage || !strings.Contains(printed, "trace.jsonl:1: "+tt.want) {
				t.Errorf("exit code %d, want %s:1: %s in\n%s", code, "trace.jsonl", tt.want, printed)
			}
			if _, err := os.Lstat(out); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// endless is a standard input at which nobody types.
type endless struct{ done <-chan struct{} }

func (e endless) Read([]byte) (int, error) { <-e.done; return 0, io.EOF }

func TestReportDoesNotWaitForInputWhenInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	interrupt()
	var printed bytes.Buffer
	code := execute(ctx, []string{"report", "-"}, streams{in: endless{t.Context().Done()}, out: &printed, err: &printed})
	if code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, printed.String())
	}
}
