package plan

import (
	"fmt"

	"quorumlab/internal/stats"
)

// Simulated is what the simulator did with a planned cluster, to show next to the plan.
// Times are in milliseconds, shortest first.
type Simulated struct {
	Writes    []float64 `json:"-"` // until the client knew, under the plan's load
	Failovers []float64 `json:"-"`
	Rows      []Beside  `json:"rows"`
	// Narrow: every quantile's interval is within 5% of it; otherwise the simulator has stopped at its bound.
	Narrow bool `json:"narrow"`
}

// Beside is a number of the plan next to the simulator's.
type Beside struct {
	Measure   string  `json:"measure"`
	Planned   float64 `json:"planned_ms"`
	Simulated float64 `json:"simulated_ms"`
	From      float64 `json:"simulated_from_ms"` // its 95% interval
	To        float64 `json:"simulated_to_ms"`
}

// Ratio is the plan's number as a share of the simulator's.
func (b Beside) Ratio() float64 { return b.Planned / b.Simulated }

// The quantiles that are laid next to the plan.
var (
	writesShown    = []float64{.5, .9, .99}
	failoversShown = []float64{.5, .9}
)

// Lay puts the simulator's results next to the plan.
func (p *Plan) Lay(writes, failovers []float64) *Simulated {
	s := &Simulated{Writes: writes, Failovers: failovers, Narrow: true}
	add := func(what string, sorted, quantiles []float64, planned Latency) {
		if len(sorted) == 0 {
			return
		}
		s.Narrow = s.Narrow && narrow(sorted, quantiles)
		for i, plannedAt := range []float64{planned.P50, planned.P90, planned.P99}[:len(quantiles)] {
			q := quantiles[i]
			b := Beside{Measure: fmt.Sprintf("%s, p%g", what, 100*q), Planned: plannedAt, Simulated: stats.Quantile(sorted, q)}
			b.From, b.To = interval(sorted, q)
			s.Rows = append(s.Rows, b)
		}
	}
	add("write answered", writes, writesShown, p.Latency.Answered)
	add("failover", failovers, failoversShown, p.Failover.Latency)
	return s
}
