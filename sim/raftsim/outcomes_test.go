package raftsim_test

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/script"
)

// TestOutcomesOfEveryVerb: each verb that sim has, asked of a member that is up, of one that is down, and of one that
// crashes a millisecond later, comes to one stated outcome; what is done later says when.
func TestOutcomesOfEveryVerb(t *testing.T) {
	const n3 = "n3"
	// done is what all others come to.
	type outcomes struct{ up, down, crashed sim.StepOutcome }
	refused := sim.StepRefused
	different := map[string]outcomes{
		"pause":       {sim.StepDone, refused, sim.StepUndone},
		"campaign":    {sim.StepDone, refused, sim.StepDone},
		"add-learner": {sim.StepDone, refused, sim.StepDone}, // with one of three down
		"promote":     {refused, refused, refused},           // it has a vote
		"move-leader": {sim.StepDone, sim.StepFailed, sim.StepFailed},

		"restore-data": {refused, refused, refused}, // there is no copy

		// no message of that number is on its way then
		"drop-message": {refused, refused, refused}, "delay-message": {refused, refused, refused},
		"duplicate-message": {refused, refused, refused}, "deliver-message": {refused, refused, refused},
	}
	do := map[string]string{
		"add-learner": "add-learner n4", "replace": "replace n3 n4", "promote": "promote n3", "put": "put city Oslo",
		"compact": "compact", "load": "load 10/s", "stop-load": "stop-load", "heal": "heal", "heal-disk": "heal-disk n3",
	}
	for _, v := range script.Verbs() {
		text := do[v.Name]
		if text == "" {
			text = of(t, v, n3)
		}
		want, known := different[v.Name]
		if !known {
			want = outcomes{sim.StepDone, sim.StepDone, sim.StepDone}
		}
		for _, c := range []struct {
			state  string
			want   sim.StepOutcome
			before string
			after  string
		}{{"up", want.up, "", ""}, {"down", want.down, "crash n3", ""}, {"crashed", want.crashed, "", "crash n3"}} {
			t.Run(v.Name+"/"+c.state, func(t *testing.T) {
				s := base(3)
				s.Workload.Clients, s.Run = 1, 15*time.Second
				place := 0
				step(t, s, 2*time.Second, "move-leader n1")
				if c.before != "" {
					step(t, s, 4*time.Second, c.before)
					place++
				}
				place++
				step(t, s, 8*time.Second, text) // connected for long enough
				if c.after != "" {
					step(t, s, 8*time.Second+time.Millisecond, c.after)
				}
				if rs := (&raftsim.Engine{}).Refuse(s); len(rs) > 0 {
					t.Skip(rs[0].Reason)
				}
				tr := play(t, raftsim.Engine{}, s)
				got := check.Steps(tr)[place]
				if got.Outcome != c.want {
					t.Errorf("%q of a member that is %s was %s (%s), want %s", text, c.state, got.Outcome, got.Why, c.want)
				}
				if (got.Why == "") != (got.Outcome == sim.StepDone) {
					t.Errorf("%q was %s because %q", text, got.Outcome, got.Why)
				}
				if done := count(tr, sim.KindFaultDone, func(e sim.Event) bool { return int(e.Count) == place+1 }); v.Later &&
					got.Outcome == sim.StepDone && done != 1 {
					t.Errorf("%d events say when %q was done", done, text)
				}
			})
		}
	}
}

// of is the example of a verb, of one member.
func of(t *testing.T, v *script.Verb, member string) string {
	t.Helper()
	st, err := script.Parse(v.Example)
	if err != nil {
		t.Fatal(err)
	}
	if len(st.Groups) > 0 {
		st.Groups[0] = []sim.Selector{sim.Named(member)}
		for i := range st.Groups[1:] {
			st.Groups[i+1] = []sim.Selector{sim.Named("n1")}
		}
	}
	return strings.TrimSpace(st.String())
}
