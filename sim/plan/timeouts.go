package plan

import (
	"math"

	"quorumlab/internal/stats"
)

// TimeoutPoint is what an election timeout of ten heartbeats costs and saves.
type TimeoutPoint struct {
	Election     float64 `json:"election_ms"`
	FalsePerYear float64 `json:"false_per_year"`
	P50          float64 `json:"failover_p50_ms"`
	P99          float64 `json:"failover_p99_ms"`
}

// timeouts tries election timeouts from 10 ms to 50 s, etcd's longest, with a tenth of
// them as heartbeat. A time of 0 is none: without a quorum of others nothing fails over, and
// with timeouts far below a round trip nobody is elected.
func timeouts(in *Input) (ps []TimeoutPoint) {
	const draws = 1000
	for i := range 38 { // ten a decade
		e := 10 * math.Pow(10, float64(i)/10)
		t := ElectionTimeouts{Heartbeat: e / electionTicks, Election: e}
		t.judge(in)
		p := TimeoutPoint{Election: e, FalsePerYear: t.FalsePerYear}
		if in.Members > 2 {
			f := drawn(in, &t, draws)
			p.P50, p.P99 = finite(stats.Quantile(f, .5)), finite(stats.Quantile(f, .99))
		}
		ps = append(ps, p)
	}
	return ps
}
