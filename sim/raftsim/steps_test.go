package raftsim_test

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// TestStepsAreToldAsTheyWere: what became of a statement, in the trace, the verdicts and the
// story.
func TestStepsAreToldAsTheyWere(t *testing.T) {
	const sec = time.Second
	for _, tt := range []struct {
		name     string
		members  int
		at       time.Duration
		script   []string // a second apart
		outcomes string
		why      string // of the last step
		story    string // a part of it
	}{
		{"a compaction of the future", 1, sec, []string{"compact 1000000"}, "refused",
			"etcdserver: mvcc: required revision is a future revision",
			`"compact 1000000" was refused by n1: etcdserver: mvcc: required revision is a future revision`},
		{"a compaction without a leader", 3, 2 * sec, []string{"crash n1 n2", "compact"}, "done unfinished",
			"not done before the end of the run", `"compact" was asked for`},
		{"a pause of a member that is down", 3, 2 * sec, []string{"crash n3", "pause n3"}, "done refused",
			"n3 is down and can't be paused", `"pause n3" was refused: n3 is down and can't be paused`},
		{"a pause of two of which one is down", 3, 2 * sec, []string{"crash n3", "pause n2 n3"}, "done failed",
			"n3 is down and can't be paused", `"pause n2 n3" could not be carried out in full: n3 is down`},
		{"nobody fits", 3, 2 * sec, []string{"restart crashed"}, "refused", "crashed: no member fits",
			`"restart crashed" was refused`},
		{"a hand-over to a member that is cut off", 3, 2 * sec, []string{"isolate n3", "move-leader n3"}, "done failed",
			"n3 did not lead within 2s", `"move-leader n3" could not be carried out: n3 did not lead within 2s`},
		{"a put that nobody takes", 3, 2 * sec, []string{"crash all", "put city Oslo"}, "done refused",
			"no member can be reached", `"put city Oslo" was refused: no member can be reached`},
		{"a change without a majority", 3, 2 * sec, []string{"crash n1 n2", "remove n1"}, "done unfinished",
			"not done before the end of the run", `"remove n1" was not finished when the run ended.`},
		{"what is done", 3, 4 * sec, []string{"put city Oslo", "compact", "move-leader a-follower", "add-learner n4"},
			"done done done done", "", "n4 joined as a learner"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := base(tt.members)
			s.Workload.Clients, s.Run = 0, tt.at+6*sec
			for i, do := range tt.script {
				step(t, s, tt.at+time.Duration(i)*sec, do)
			}
			tr := play(t, raftsim.Engine{}, s)
			var outcomes []string
			steps := check.Steps(tr)
			for _, st := range steps {
				outcomes = append(outcomes, string(st.Outcome))
			}
			last := steps[len(steps)-1]
			if got := strings.Join(outcomes, " "); got != tt.outcomes || last.Why != tt.why {
				t.Errorf("the steps were %s, the last because %q; want %s, %q", got, last.Why, tt.outcomes, tt.why)
			}
			if byMember := strings.Contains(tt.story, "refused by n1"); byMember != (last.By == "n1") {
				t.Errorf("the last step was refused by %q", last.By)
			}
			if last.Outcome == sim.StepDone && last.Took <= 0 {
				t.Errorf("the last step took %v", last.Took)
			}
			story := ""
			for _, line := range check.Story(tr) {
				story += line.Text + "\n"
			}
			if !strings.Contains(story, tt.story) {
				t.Errorf("the story does not say %q:\n%s", tt.story, story)
			}
			if ok := strings.Trim(tt.outcomes, "done ") == ""; check.Judge(tr).OK() != ok {
				t.Errorf("the run is good: %v", !ok)
			}
			s.Expect = []sim.Expectation{{Outcome: last.Outcome, Statement: last.Written}}
			if last.Outcome != sim.StepDone {
				judged(t, play(t, raftsim.Engine{}, s))
			}
		})
	}
}
