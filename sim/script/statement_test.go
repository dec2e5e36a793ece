package script

import (
	"errors"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

func TestStatementTextFormIsTheStatement(t *testing.T) {
	for _, v := range Verbs() {
		st, err := Parse(v.Example)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if got := st.String(); got != v.Example {
			t.Errorf("%s: example %q comes back as %q", v.Name, v.Example, got)
		}
	}
}

func TestStatementTakesALawByQuantiles(t *testing.T) {
	const text = "delay n1 n2 -> rest p50 2ms p99 8ms"
	st, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if st.String() != text || st.Distribution.P99 != 8*time.Millisecond {
		t.Errorf("%q comes back as %q with distribution %+v", text, st, st.Distribution)
	}
}

func TestStatementsThatAreAskedForAgain(t *testing.T) {
	for text, retry := range map[string]bool{
		"add-learner n4": false, "add-learner n4 retry": true, "promote n4": false, "promote n4 n5 retry": true,
		"remove a-follower": false, "remove a-follower retry": true,
	} {
		if st, err := Parse(text); err != nil || st.Retry != retry || st.String() != text {
			t.Errorf("%q comes back as %q, to be asked for again: %v, %v", text, st, st.Retry, err)
		}
	}
}

func TestStatementErrors(t *testing.T) {
	for _, tt := range []struct {
		text   string
		offset int
		want   string // the beginning of the message
	}{
		{"", 0, "the statement is empty; quorumlab list statements shows them"},
		{"kill leader", 0, `unknown statement "kill" (did you mean "crash"?)`},
		{"crash leader for 3s", 13,
			"in a script the duration stands beside the statement: {at: ..., do: crash leader, for: 3s}"},
		{"crahs leader", 0, `unknown statement "crahs" (did you mean "crash"?)`},
		{"slow-disk leader", 16, `members are missing (leader, followers`},
		{"slow-disk leader soon", 17, `"soon": a time distribution is a value like "5ms", a range like "2ms..5ms"`},
		{"partition n1 n2", 13,
			`a partition needs at least two sides, separated by |; the usage is "partition MEMBERS | MEMBERS ..."`},
		{"partition n1 | | n2", 15, `a side of "|" is empty`},
		{"cut n1 | n2", 7, `"|" does not belong here`},
		{"heal random many", 12, `"many" is not a number of members`},
		{"move-leader followers", 12, "exactly one member is expected here"},
		{"stop-load now", 10, `unexpected "now"; the usage is "stop-load"`},
		{"add-learner all", 12, `"all" is a word of the language`},
		{"add-learner n4 again", 15, `"again" is not expected here: only "retry" may follow`},
		{"add-learner n4 retry n5", 21, `unexpected "n5"`},
		{"add-learner retry", 12, `"retry" is a word of the language`},
		{"promote retry", 13, "members are missing"},
		{"promote n4 retry retry", 11, `"retry" can only stand at the end of add-learner, promote, remove`},
		{"replace n3 n4 retry", 14, `"retry" is not needed: replace asks until the cluster takes what it asks for; the usage is ` +
			`"replace MEMBER NEW-MEMBER"`},
		{"crash n1 retry", 9, `"retry" can only stand at the end of add-learner, promote, remove`},
		{"compact 0", 8, `"0" is not a whole number above 0`},
		{"compact 1.5", 8, `"1.5" is not a whole number above 0`},
		{"compact 9223372036854775808", 8, "9223372036854775808 is too large: the most is 9223372036854775807"},
		{"compact -9223372036854775809", 8, `"-9223372036854775809" is not a whole number above 0`},
	} {
		_, err := Parse(tt.text)
		var place *sim.SyntaxError
		if !errors.As(err, &place) {
			t.Errorf("%q: error %v, want a SyntaxError", tt.text, err)
			continue
		}
		if place.Offset != tt.offset || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q: %d: %v\nwant %d: %s", tt.text, place.Offset, err, tt.offset, tt.want)
		}
	}
}
