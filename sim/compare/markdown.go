package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"quorumlab/internal/input"
	"quorumlab/sim"
	"quorumlab/sim/run"
)

// WriteMarkdown writes scenarios of tables as docs/fidelity.md has them.
func WriteMarkdown(w io.Writer, ss []ScenarioJSON) error {
	var b strings.Builder
	b.WriteString("| scenario | runs | measure | etcd | sim | ratio | KS | chance |\n|---|---|---|---|---|---|---|---|\n")
	for _, s := range ss {
		name, how := "`"+s.Scenario+"`", s.how()
		for _, r := range s.Measures {
			fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s | %s | %s | %s |\n", name, how, r.Measure,
				r.Etcd.median(r.Unit), r.Sim.median(r.Unit), bold(twoDecimals(r.Ratio), !r.Median),
				bold(twoDecimals(&r.Distance), !r.Near), twoDecimals(r.Chance))
			name, how = "", ""
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// how says how the numbers were obtained: 20 and 1000 runs, those on etcd two at a time.
func (s ScenarioJSON) how() string {
	text := fmt.Sprintf("%d, %d; by %d", s.EtcdRuns, s.SimRuns, s.Jobs)
	if s.Load != nil {
		text += fmt.Sprintf("; load %.0f", *s.Load)
	}
	if s.Engine != "" {
		text += "; on " + s.Engine
	}
	return text
}

func (s *SampleJSON) median(u sim.Unit) string {
	if s == nil {
		return "-"
	}
	return u.FormatValue(s.P50)
}

func twoDecimals(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f", *v)
}

// bold marks what misses the goal.
func bold(text string, on bool) string {
	if on {
		return "**" + text + "**"
	}
	return text
}

// ReadTables reads the scenarios of tables that were written before. Errors are run.InputErrors.
func ReadTables(files []string) (ss []ScenarioJSON, err error) {
	for _, f := range files {
		b, err := input.Read(f, input.MostText)
		if err != nil {
			return nil, run.BadInput("", "%w", err)
		}
		var c ComparisonJSON
		if err := json.Unmarshal(b, &c); err != nil {
			return nil, run.BadInput("", "%s was not written by compare: %w", f, err)
		}
		switch c.Format {
		case tableFormat:
		case 1:
			if err := c.takeFormat1(b); err != nil {
				return nil, run.BadInput("", "%s was not written by compare: %w", f, err)
			}
		default:
			return nil, run.BadInput("", "%s has format %d; this program reads %d and 1", f, c.Format, tableFormat)
		}
		ss = append(ss, c.Scenarios...)
	}
	return ss, nil
}

// takeFormat1 takes the measures from a table of format 1, in which they were called figures. Everything
// else has been read.
func (c *ComparisonJSON) takeFormat1(b []byte) error {
	var old struct {
		Scenarios []struct {
			Figures []struct {
				RowJSON
				Figure string `json:"figure"`
			} `json:"figures"`
		} `json:"scenarios"`
	}
	if err := json.Unmarshal(b, &old); err != nil {
		return err
	}
	for i, s := range old.Scenarios {
		for _, row := range s.Figures {
			row.Measure = row.Figure
			c.Scenarios[i].Measures = append(c.Scenarios[i].Measures, row.RowJSON)
		}
	}
	return nil
}
