package compactionanddefragmentation

import (
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// What is asked of the settings.
const (
	clientsAway   = 10 * time.Minute
	withoutHelp   = 90 * time.Minute
	longestPause  = 5.0 // seconds
	shareOfQuota  = 0.8
	settingsWrite = 300
	settingsKeys  = 20000
	mostQuota     = sim.Size(8 << 30)
)

// settingsJudge plans the growth of the database.
var settingsJudge = lessons.PlanJudge{
	Given: func(in *plan.Input) error {
		if in.WriteRate != settingsWrite || in.Keys != settingsKeys || in.KeySize != 64 || in.ValueSize != 2<<10 ||
			in.NewKeys != 0 || in.Nodes != 0 {
			return fmt.Errorf("the load is fixed: %d writes per second on %d keys, with values of 2KiB", settingsWrite,
				settingsKeys)
		}
		if in.Quota > mostQuota {
			return fmt.Errorf("%s is over the %s that etcd advises at most", in.Quota, mostQuota)
		}
		return nil
	},
	Must: []lessons.PlanCriterion{
		{Points: 3, What: "the file stays below four fifths of the quota", Hint: "keep less history, or set a larger quota",
			Holds: func(p *plan.Plan) (bool, string) {
				return p.Growth.Peak <= shareOfQuota*float64(p.Input.Quota), fmt.Sprintf("it grows to %s of %s",
					sim.Size(p.Growth.Peak).Rounded(), p.Input.Quota.Rounded())
			}},
		{Points: 2, What: "a client may be away for 10 minutes and resume its watch", Hint: "history is how far back a " +
			"watch can resume", Holds: func(p *plan.Plan) (bool, string) {
			return p.Input.History >= plan.Span(clientsAway), fmt.Sprintf("revisions are kept for %s", p.Input.History)
		}},
		{Points: 3, What: "when compaction stops there are 90 minutes to notice", Hint: "the room between the file and the " +
			"quota is your time", Holds: func(p *plan.Plan) (bool, string) {
			left := time.Duration(p.Growth.QuotaWithout * float64(time.Second)).Round(time.Minute)
			return !p.Growth.FullAtOnce && left >= withoutHelp, fmt.Sprintf("the quota is full after %s",
				sim.FormatDuration(left))
		}},
		{Points: 2, What: "a defragmentation stops a member for at most 5 seconds", Hint: "it copies everything in use, " +
			"including history", Holds: func(p *plan.Plan) (bool, string) {
			return p.Growth.DefragPause <= longestPause, fmt.Sprintf("one takes about %.1fs", p.Growth.DefragPause)
		}},
	},
}
