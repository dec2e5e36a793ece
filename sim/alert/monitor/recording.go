package monitor

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// MetricsRecording is what scrapes of some targets found, one moment after another, kept to evaluate
// rules on it again: see [Player].
type MetricsRecording struct {
	Every  time.Duration // between two moments; the first is at 0
	Series []*Recorded
}

// Recorded is a series of a recording: a value for each moment, NaN where it had none.
// Values may end early: it has none from there on.
type Recorded struct {
	Labels labels.Labels
	Values []float64
}

// Moments is the number of moments.
func (r *MetricsRecording) Moments() (n int) {
	for _, s := range r.Series {
		n = max(n, len(s.Values))
	}
	return n
}

// Add adds a moment: what each target answered, in Prometheus' text format, by its name; nil is
// a target that did not answer. The names become the label instance, and there is a
// series up, as with Prometheus. Only metrics for which keep is true are kept. Errors are
// those of the text.
func (r *MetricsRecording) Add(answers map[string][]byte, keep func(metric string) bool) error {
	at := r.Moments()
	known := map[uint64]*Recorded{}
	for _, s := range r.Series {
		known[s.Labels.Hash()] = s
	}
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		t, up := newTarget(Target{Name: name}), 1.0
		readings, err := t.parse(answers[name], "text/plain", keep)
		if err != nil {
			return fmt.Errorf("metrics of %s: %w", name, err)
		}
		if answers[name] == nil {
			up = 0
		}
		for _, x := range append(readings, reading{t.up, up}) {
			s := known[x.of.labels.Hash()]
			if s == nil {
				s = &Recorded{Labels: x.of.labels}
				known[x.of.labels.Hash()] = s
				r.Series = append(r.Series, s)
			}
			s.set(at, x.value)
		}
	}
	return nil
}

func (s *Recorded) set(at int, v float64) {
	for len(s.Values) < at {
		s.Values = append(s.Values, math.NaN())
	}
	s.Values = append(s.Values, v)
}

// file is a recording as a file: what promtool's unit tests of rules take as the input of a
// test.
type file struct {
	Interval string       `yaml:"interval"`
	Series   []fileSeries `yaml:"input_series"`
}

type fileSeries struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// ParseRecording reads a recording from its file. Errors are those of YAML, with the line,
// and of a series, with its name.
func ParseRecording(text []byte) (*MetricsRecording, error) {
	var f file
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		return nil, err
	}
	every, err := model.ParseDuration(f.Interval)
	if err != nil || every == 0 {
		return nil, fmt.Errorf("interval %q: want a time like 500ms", f.Interval)
	}
	r := &MetricsRecording{Every: time.Duration(every)}
	for _, s := range f.Series {
		ls, values, err := parser.ParseSeriesDesc(s.Series + " " + s.Values)
		if err != nil {
			return nil, fmt.Errorf("series %s: %w", s.Series, err)
		}
		rec := &Recorded{Labels: ls}
		for _, v := range values {
			if v.Omitted {
				v.Value = math.NaN()
			}
			rec.Values = append(rec.Values, v.Value)
		}
		r.Series = append(r.Series, rec)
	}
	return r, nil
}

// Format writes the recording as a file, sorted by series.
func (r *MetricsRecording) Format() []byte {
	f := file{Interval: model.Duration(r.Every).String()}
	for _, s := range r.Series {
		f.Series = append(f.Series, fileSeries{s.Labels.String(), s.notation()})
	}
	slices.SortFunc(f.Series, func(a, b fileSeries) int { return strings.Compare(a.Series, b.Series) })
	var b strings.Builder
	fmt.Fprintf(&b, "interval: %s\ninput_series:\n", f.Interval)
	for _, s := range f.Series {
		fmt.Fprintf(&b, "  - series: '%s'\n    values: '%s'\n", strings.ReplaceAll(s.Series, "'", "''"), s.Values)
	}
	return []byte(b.String())
}

// notation is a series' values as promtool reads them: 5x3 is 5 and three more of it, _x3 is
// three times none.
func (s *Recorded) notation() string {
	var parts []string
	for i := 0; i < len(s.Values); {
		n := 1
		for i+n < len(s.Values) && same(s.Values[i], s.Values[i+n]) {
			n++
		}
		parts = append(parts, repeated(s.Values[i], n))
		i += n
	}
	return strings.Join(parts, " ")
}

func repeated(v float64, n int) string {
	switch {
	case math.IsNaN(v) && n > 1:
		return fmt.Sprintf("_x%d", n)
	case math.IsNaN(v):
		return "_"
	case n > 1:
		return fmt.Sprintf("%sx%d", written(v), n-1)
	}
	return written(v)
}

// written is a value: a count to its last digit, a time to a few.
func written(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
