package plan

import "quorumlab/internal/stats"

// Simulated is what the simulator did with a planned cluster, to show next to the plan.
// Times are in milliseconds, shortest first.
type Simulated struct {
	Writes    []float64 `json:"-"` // until the client knew, under the plan's load
	Failovers []float64 `json:"-"`
	Rows      []Beside  `json:"rows"`
}

// Beside is a number of the plan next to the simulator's.
type Beside struct {
	Measure   string  `json:"measure"`
	Planned   float64 `json:"planned_ms"`
	Simulated float64 `json:"simulated_ms"`
}

// Ratio is the plan's number as a share of the simulator's.
func (b Beside) Ratio() float64 { return b.Planned / b.Simulated }

// Lay puts the simulator's results next to the plan.
func (p *Plan) Lay(writes, failovers []float64) *Simulated {
	s := &Simulated{Writes: writes, Failovers: failovers}
	add := func(measure string, planned, simulated float64) {
		s.Rows = append(s.Rows, Beside{measure, planned, simulated})
	}
	if len(writes) > 0 {
		add("write answered, p50", p.Latency.Answered.P50, stats.Quantile(writes, .5))
		add("write answered, p90", p.Latency.Answered.P90, stats.Quantile(writes, .9))
		add("write answered, p99", p.Latency.Answered.P99, stats.Quantile(writes, .99))
	}
	if len(failovers) > 0 {
		add("failover, p50", p.Failover.P50, stats.Quantile(failovers, .5))
		add("failover, p90", p.Failover.P90, stats.Quantile(failovers, .9))
	}
	return s
}
