package check

import (
	"strings"
	"testing"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// TestExpectationsOfStatements: what is read is written the same again, and what is none says what would be.
func TestExpectationsOfStatements(t *testing.T) {
	for _, tt := range []struct{ text, want, wrong string }{
		{"refused compact 1000000", "refused compact 1000000", ""},
		{"  unfinished   defrag  n1 n2", "unfinished defrag n1 n2", ""},
		{"undone pause a-follower", "undone pause a-follower", ""},
		{"failed put city a <= b == c", "failed put city a <= b == c", ""},
		{"not-done any", "not-done any", ""},
		{"refused", "", `"refused" needs the statement that it is about, like "refused compact 1000000", or "refused any"`},
		{"refused compct", "", `unknown statement "compct" (did you mean "compact"?)`},
		{"refused any thing", "", `unknown statement "any"`},
		{"refused 2", "", `unknown statement "2"`},
		{"done compact", "", `unknown check "done compact"`},
	} {
		e, err := ParseExpectation(tt.text)
		switch {
		case tt.wrong != "":
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%q: %v, want %s", tt.text, err, tt.wrong)
			}
		case err != nil || e.String() != tt.want:
			t.Errorf("%q is %q (%v), want %q", tt.text, e, err, tt.want)
		}
	}
}

// TestOldTracesTellStepsToo: the outcomes in a trace from before they were written: what failed had no ID and no
// result, and nothing said when it was done.
func TestOldTracesTellStepsToo(t *testing.T) {
	p := newTape(1)
	for _, text := range []string{"compact", "restart crashed", "heal"} {
		st, err := script.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p.Scenario.Steps = append(p.Scenario.Steps, sim.Step{Do: st})
	}
	p.add(sim.Event{Kind: sim.KindFaultBegun, ID: 1, Count: 1, Note: "compact"})
	p.add(sim.Event{Kind: sim.KindFaultFailed, Count: 2, Note: "restart crashed: crashed: no member fits"})
	var got []string
	for _, s := range Steps(p.trace()) {
		got = append(got, string(s.Outcome)+" "+s.Why)
	}
	want := []string{"done ", "failed crashed: no member fits", "unfinished the run ended before it was begun"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("the steps were %q, want %q", got, want)
	}
}
