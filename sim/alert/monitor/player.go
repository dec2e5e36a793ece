package monitor

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// Player evaluates expressions and rules on a recording, as if each of its moments were the
// present. Not safe for concurrent use.
type Player struct {
	rec    *MetricsRecording
	pace   int
	store  *store
	engine *promql.Engine
}

// NewPlayer prepares a recording. The times in expressions and rules are divided by pace, as
// in a run: see sim.AlertSpec.
func NewPlayer(r *MetricsRecording, pace int) *Player {
	p := &Player{rec: r, pace: pace, store: newStore(nil), engine: newEngine(pace)}
	for _, s := range r.Series {
		of := &series{labels: s.Labels}
		for i := range r.Moments() {
			if i < len(s.Values) && !math.IsNaN(s.Values[i]) {
				p.store.add(of, p.at(i), s.Values[i])
			} else {
				p.store.end(of, p.at(i))
			}
		}
	}
	return p
}

func (p *Player) at(moment int) time.Duration { return time.Duration(moment) * p.rec.Every }

// Ask evaluates an expression at a moment of the recording, from 0. Errors are those of
// its syntax and its evaluation.
func (p *Player) Ask(ctx context.Context, expr string, moment int) (promql.Vector, error) {
	e, err := parser.ParseExpr(expr)
	if err != nil {
		return nil, err
	}
	hurry(e, p.pace)
	return query(ctx, p.engine, p.store, e.String(), p.at(moment))
}

// Alerted is a period of a recording in which an alert was in one state.
type Alerted struct {
	Labels   labels.Labels // as the rule's expression gives them, without the metric's name
	State    sim.AlertState
	From, To time.Duration // To is the first moment at which it was no longer so, or one after the last
}

// Play evaluates a rule at every moment. What it returns is in order of start;
// an alert that is pending and then fires makes two stretches. Errors are those of the
// rule's syntax and of its evaluation.
func (p *Player) Play(ctx context.Context, r alert.Rule) ([]Alerted, error) {
	c, err := compile(r, p.pace, map[string]time.Duration{})
	if err != nil {
		return nil, err
	}
	var all []Alerted
	open := map[uint64]int{} // of each label set, where in all its stretch is
	for i := range p.rec.Moments() {
		active, err := query(ctx, p.engine, p.store, c.expr, p.at(i))
		if err != nil {
			return nil, err
		}
		c.step(p.at(i), c.hold, active)
		for id, k := range open {
			if c.machine[id].state != all[k].State {
				delete(open, id)
			}
		}
		for id, a := range c.machine {
			k, ok := open[id]
			if !ok {
				k, open[id] = len(all), len(all)
				all = append(all, Alerted{Labels: named(a.sample), State: a.state, From: p.at(i)})
			}
			all[k].To = p.at(i + 1)
		}
	}
	slices.SortFunc(all, func(a, b Alerted) int {
		if a.From != b.From {
			return int(a.From - b.From)
		}
		return labels.Compare(a.Labels, b.Labels)
	})
	return all, nil
}

func named(s promql.Sample) labels.Labels {
	return labels.NewBuilder(s.Metric).Del(model.MetricNameLabel).Labels()
}
