package report

import (
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// input is a report's input with something in every section.
func input(tr *sim.Trace) RunInput {
	return RunInput{
		Trace: tr,
		Result: &check.Result{
			Verdicts: []sim.Verdict{
				{Check: "linearizable", OK: true, Why: "Each of 4,000 operations fits one order.", Events: []uint64{3, 4}},
				{Check: "leaderless.longest[20s..30s] <= 1s", Why: "It was 1.4s.", Events: []uint64{100, 101, 1 << 40},
					Members: []sim.MemberID{1, 4}},
				{Check: "safety", Unknown: true, Why: "The time was over."},
			},
			Measures: check.Judge(tr).Measures,
		},
		Scenario: "name: played\nsteps:\n  - {at: 5s, do: crash leader}\n",
		Replay:   "quorumlab run played --engine sim --seed 7",
	}
}
