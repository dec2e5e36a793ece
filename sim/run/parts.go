package run

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// JSONFormat is the version of the JSON of runs and plans.
const JSONFormat = 2

// JudgedJSON is a judged run as programs read it, behind --json and in summary.json (JSONFormat).
type JudgedJSON struct {
	Format   int    `json:"format"`
	Scenario string `json:"scenario"`
	Engine   string `json:"engine"`
	Seed     uint64 `json:"seed"`
	check.ResultJSON
}

// JSON is the run for programs.
func (j *Judged) JSON() JudgedJSON {
	return JudgedJSON{JSONFormat, j.Trace.Scenario.Name, j.Trace.Engine, j.Trace.Seed, j.Result.JSON()}
}

// SummaryJSON is summary.json: the run for programs, and what was run.
type SummaryJSON struct {
	JudgedJSON
	Version string `json:"version"`
	Module  string `json:"module,omitempty"` // hash of the WebAssembly module that the run was made by (sim.Header)
	Source  string `json:"source"`           // the scenario as run, in its language
	Facts
}

// Facts are in a summary for readers of the trace next to it.
type Facts struct {
	// LastEvent is the number of the trace's last event, which reveals that its end is
	// missing. Older versions did not write it.
	LastEvent *uint64 `json:"last_event,omitempty"`
	// Others are the measures of the runs on other engines that the report shows, as measured,
	// by the engines' names.
	Others map[string]map[string]check.MeasureJSON `json:"others,omitempty"`
}

// FactsOf are the facts of a run that was compared with others.
func FactsOf(t *sim.Trace, others []*Judged) Facts {
	f := Facts{LastEvent: new(uint64)}
	*f.LastEvent, _ = t.Last()
	for _, o := range others {
		if o.Trace.Engine == t.Engine {
			continue
		}
		if f.Others == nil {
			f.Others = map[string]map[string]check.MeasureJSON{}
		}
		measures := map[string]check.MeasureJSON{}
		for _, x := range o.Result.Measures {
			measures[x.Name] = check.MeasureJSON{Value: x.Value, Unit: x.Unit}
		}
		f.Others[o.Trace.Engine] = measures
	}
	return f
}

// SummaryPart writes summary.json. source is the scenario's text, which this package can't write;
// others are runs of the same scenario on other engines.
func (j *Judged) SummaryPart(source []byte, others []*Judged) FolderPart {
	return FolderPart{"summary", func(dir string) error {
		b, err := Indented(SummaryJSON{j.JSON(), j.Trace.Version, j.Trace.Module, string(source), FactsOf(j.Trace, others)})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "summary.json"), b, 0o666)
	}}
}

// TracePart writes trace.jsonl.
func (j *Judged) TracePart() FolderPart {
	return FolderPart{"trace", func(dir string) error { return Create(filepath.Join(dir, "trace.jsonl"), j.Trace.Write) }}
}

// FilePart writes a file.
func FilePart(name string, text []byte) FolderPart {
	return FolderPart{name, func(dir string) error { return os.WriteFile(filepath.Join(dir, name), text, 0o666) }}
}

// Indented is JSON for people too, as every file of ours has it: two spaces, no escaped angle brackets.
func Indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
