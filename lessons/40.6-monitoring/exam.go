package monitoring

import (
	"context"
	"embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/alert"
	"quorumlab/sim/alert/monitor"
)

// recordings are scrapes of real clusters in health and illness, by which rules are judged:
// so the same answer gets the same marks everywhere. record_test.go has made them.
//
//go:embed recordings/*.yaml
var recordings embed.FS

// pace is how much faster than production the recordings are: a scrape of theirs each half
// second stands for one each half minute.
const pace = 60

// patientRecord is a recording, ready to be asked.
type patientRecord struct {
	*monitor.Player
	moments int
}

// production is a time of a recording as a rule takes it.
func production(d time.Duration) time.Duration { return d * pace }

// changedRecord is a recording to which something is done first.
func changedRecord(name string, change func(*monitor.MetricsRecording)) (*patientRecord, error) {
	text, err := recordings.ReadFile("recordings/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	r, err := monitor.ParseRecording(text)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", name, err)
	}
	if change != nil {
		change(r)
	}
	return &patientRecord{monitor.NewPlayer(r, pace), r.Moments()}, nil
}

// withoutTargets ends every series of a recording, up included, from a moment on: the scraper
// has lost its list of targets.
func withoutTargets(from int) func(*monitor.MetricsRecording) {
	return func(r *monitor.MetricsRecording) {
		end := r.Moments()
		for _, s := range r.Series {
			s.Values = s.Values[:min(from, len(s.Values))]
		}
		// Somebody else is still scraped, so that time goes on.
		r.Series = append(r.Series, &monitor.Recorded{
			Labels: labels.FromStrings("__name__", "up", "job", "node", "instance", "host"),
			Values: slices.Repeat([]float64{1}, end),
		})
	}
}

// instances are those for which an expression has a value at a moment.
func (r *patientRecord) instances(ctx context.Context, expr string, moment int) ([]string, error) {
	v, err := r.Ask(ctx, expr, moment)
	var names []string
	for _, s := range v {
		names = append(names, s.Metric.Get("instance"))
	}
	slices.Sort(names)
	return names, err
}

// firing is an alert of an answer that fired.
type firing struct {
	monitor.Alerted
	rule alert.Rule
}

// fire plays the rules on the recording and returns what fired. Errors are a
// *lessons.BadAnswer: a rule that can't be evaluated, which its syntax does not show.
func (r *patientRecord) fire(ctx context.Context, rules []alert.Rule) (all []firing, err error) {
	for _, rule := range rules {
		played, err := r.Play(ctx, rule)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, &lessons.BadAnswer{Err: fmt.Errorf("alert %s can't be evaluated: %w", rule.Name, err)}
		}
		for _, a := range played {
			if a.State == sim.AlertFiring {
				all = append(all, firing{a, rule})
			}
		}
	}
	return all, nil
}

// who are the instances for which alerts fired, sorted; "" for one that names none.
func who(fs []firing) (names []string) {
	for _, f := range fs {
		names = append(names, f.Labels.Get("instance"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// told says what fired, for people.
func told(fs []firing) string {
	if len(fs) == 0 {
		return "nothing fired"
	}
	var texts []string
	for _, f := range fs {
		text := f.rule.Name + " fired"
		if name := f.Labels.Get("instance"); name != "" {
			text += " for " + name
		}
		texts = append(texts, fmt.Sprintf("%s from %s to %s", text, minutes(f.From), minutes(f.To)))
	}
	const most = 4
	if n := len(texts); n > most {
		texts = append(texts[:most], fmt.Sprintf("and %d more", n-most))
	}
	return strings.Join(texts, "; ")
}

// minutes is a moment of a recording in production's time.
func minutes(d time.Duration) string {
	m := production(d).Minutes()
	return fmt.Sprintf("%g min", math.Round(m*10)/10)
}

// quiet is the mark for silence, which counts only for alerts that can speak.
func quiet(speaks, silent bool, of int, what, why, hint string) lessons.Mark {
	if !speaks {
		return lessons.Marked(false, of, what, "not judged: alerts that never fire are always silent",
			"first make an alert fire where it should")
	}
	return lessons.Marked(silent, of, what, why, hint)
}
