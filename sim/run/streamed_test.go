package run_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

// twinScenarios are short ones of the library, and random ones.
func twinScenarios(t *testing.T) (ss []*sim.Scenario) {
	t.Helper()
	for _, name := range []string{"leader-crash", "learner-joins", "lost-unsynced-majority", "paused-leader-lease-reads",
		"refused-statements", "snapshot-catch-up"} {
		ss = append(ss, load(t, name))
	}
	base, err := scenarios.Parse("base.yaml", []byte("run: 10s\n"))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(8) {
		s := swarm.Draw(base, seed+1)
		s.Run = min(s.Run, 20*time.Second)
		ss = append(ss, s)
	}
	return ss
}

// TestStreamedAsInMemory: a run whose events are not all in memory leaves the same trace, result and story, byte for
// byte, as one whose events are; and so do the answers to questions.
func TestStreamedAsInMemory(t *testing.T) {
	for _, s := range twinScenarios(t) {
		t.Run(s.Name, func(t *testing.T) {
			whole, wholeTrace := twin(t, s, false)
			streamed, streamedTrace := twin(t, s, true)
			if !bytes.Equal(streamedTrace, wholeTrace) {
				t.Error("the trace is another")
			}
			if got, want := asJSON(t, streamed.JSON()), asJSON(t, whole.JSON()); got != want {
				t.Errorf("the result is\n%s\nwant\n%s", got, want)
			}
			told := check.Story(streamed.Trace, streamed.Result.Verdicts...)
			if want := check.Story(whole.Trace, whole.Result.Verdicts...); !reflect.DeepEqual(told, want) {
				t.Errorf("the story is\n%v\nwant\n%v", told, want)
			}
			if slices.ContainsFunc(streamed.Trace.Events, func(e sim.Event) bool { return sim.HighRate.Has(e.Kind) }) {
				t.Error("events of kinds that are many are in memory")
			}
			if len(streamed.Trace.Events) >= len(whole.Trace.Events) || streamed.Trace.Len() != whole.Trace.Len() {
				t.Errorf("%d of %d events are in memory, %d of the other", len(streamed.Trace.Events), streamed.Trace.Len(),
					len(whole.Trace.Events))
			}
			readAgain(t, wholeTrace, asJSON(t, whole.JSON()))
			sent, _ := whole.Result.Measure("messages.sent")
			ask := &check.Questions{Readings: []sim.Reading{{Measure: "messages.sent"}}}
			asked, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Ask: ask})
			if err != nil {
				t.Fatal(err)
			}
			if asked.Trace.Len() > 0 {
				t.Error("a trace that was asked is kept")
			}
			if v := asked.Answers.Values[0]; v != sent.Value || asked.OK() != whole.OK() {
				t.Errorf("asked: %v messages, ok %t; want %v, %t", v, asked.OK(), sent.Value, whole.OK())
			}
		})
	}
}

// readAgain holds a trace that is read from its file, streamed or not, against what was written.
func readAgain(t *testing.T, text []byte, result string) {
	t.Helper()
	stream := func(r io.Reader) (*sim.Trace, error) { return check.StreamTrace(r, 1_000_000) }
	for name, read := range map[string]func(io.Reader) (*sim.Trace, error){"read": check.ReadTrace, "streamed": stream} {
		tr, err := read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := tr.Write(&b); err != nil || !bytes.Equal(b.Bytes(), text) {
			t.Errorf("%s: it is written as other bytes, %v", name, err)
		}
		if got := asJSON(t, run.Judge(tr).JSON()); got != result {
			t.Errorf("%s: the result is\n%s\nwant\n%s", name, got, result)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

func twin(t *testing.T, s *sim.Scenario, streamed bool) (*run.Judged, []byte) {
	t.Helper()
	j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Version: "test", Streamed: streamed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Trace.Close(); err != nil {
			t.Error(err)
		}
	})
	var b bytes.Buffer
	if err := j.Trace.Write(&b); err != nil {
		t.Fatal(err)
	}
	return j, b.Bytes()
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
