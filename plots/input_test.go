package plots

import (
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// input is a report's input with something in every section.
func input(tr *sim.Trace) ReportInput {
	return ReportInput{
		Trace: tr,
		Story: []check.Sentence{
			{At: 900 * time.Millisecond, Text: "n1 becomes leader in term 2 with the votes of n2 and n3."},
			{At: 6750 * time.Millisecond, Text: "The network is cut: n1 n2 | n3 n4 n5."},
			{At: 7950 * time.Millisecond, Text: "n4 becomes leader in term 3."},
		},
		Result: &check.Result{
			Verdicts: []sim.Verdict{
				{Check: "linearizable", OK: true, Why: "Each of 4,000 operations fits one order.", Events: []uint64{3, 4}},
				{Check: "leaderless.longest[20s..30s] <= 1s", Why: "It was 1.4s.", Events: []uint64{100, 101, 1 << 40}, Members: []sim.MemberID{1, 4}},
				{Check: "safety", Unknown: true, Why: "The time was over."},
			},
			Figures: check.Judge(tr).Figures,
		},
		Scenario: "name: played\nsteps:\n  - {at: 5s, do: crash leader}\n",
		Replay:   "quorumlab run played --engine sim --seed 7",
	}
}
