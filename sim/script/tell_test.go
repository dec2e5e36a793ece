package script

import (
	"strings"
	"testing"

	"quorumlab/sim"
)

func TestEveryVerbTellsWhatItDid(t *testing.T) {
	for _, v := range Verbs() {
		st, err := Parse(v.Example)
		if err != nil {
			t.Fatal(err)
		}
		if v.Lasts != (v.Over != "") {
			t.Errorf("%s: lasts is %v, but what is said when it is over is %q", v.Name, v.Lasts, v.Over)
		}
		for _, sentence := range []string{v.Began, v.Over} {
			told := Tell(st, sentence, strings.ToUpper)
			if sentence == v.Began && told == "" || strings.ContainsAny(told, "{}|") || strings.HasSuffix(told, ".") ||
				strings.Contains(told, "  ") {
				t.Errorf("%s: %q", v.Name, told)
			}
			for _, g := range st.Groups {
				for _, x := range g {
					if x.By == sim.ByName && told != "" && !strings.Contains(told, strings.ToUpper(x.Name)) && sentence == v.Began {
						t.Errorf("%s does not say %s: %q", v.Name, x.Name, told)
					}
				}
			}
		}
	}
}

func TestTell(t *testing.T) {
	call := func(name string) string {
		if name == "n1" {
			return "n1 (leader)"
		}
		return name
	}
	for text, want := range map[string]string{
		"crash n1":                     "n1 (leader) crashed",
		"partition n1 n2 | n3 n4 n5":   "n1 (leader) and n2 were cut off from n3, n4 and n5",
		"partition n1 | n2 n3 | n4 n5": "n1 (leader) was cut off from n2 and n3 and from n4 and n5",
		"isolate n2 n3":                "n2 and n3 were each cut off from all others",
		"delay n1 -> n2 20ms..50ms":    "messages from n1 (leader) to n2 took 20ms..50ms longer",
		"drift n2 -5%":                 "the clock of n2 began to run 5% slow",
		"heal":                         "every link was repaired",
		"heal n2 n3":                   "every link at n2 and n3 was repaired",
		"put city New York":            "a client wrote New York to city",
		"compact":                      "the store's old revisions were dropped",
		"compact 90":                   "the store's old revisions were dropped up to revision 90",
		"pause a b c d e f g h i":      "a, b, c and 6 more were paused",
		"load 500/s":                   "the clients' load was set to 500/s",
		"limit n1 -> n2 1MB/s":         "the links from n1 (leader) to n2 were limited to 1MB/s",
		"lose n1 n2 -> n1 n2 5%":       "5% of the messages between n1 (leader) and n2 began to get lost",
		"lose n1 n2 -> n2 n3 5%":       "5% of the messages from n1 (leader) and n2 to n2 and n3 began to get lost",
	} {
		st, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Tell(st, verbs[st.Verb].Began, call); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
