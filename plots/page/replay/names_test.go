package replay_test

import (
	"flag"
	"fmt"
	"math/bits"
	"os"
	"strings"
	"testing"
	"unicode"

	"quorumlab/sim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What the page calls the kinds, roles and messages is written from what they are called here.
func TestThePageKnowsTheNames(t *testing.T) {
	var b strings.Builder
	b.WriteString("// Written by go test ./plots/page/replay -run Names -update, from package sim.\n")
	enum := func(what string, n int, text func(i int) string) {
		fmt.Fprintf(&b, "\nexport const %s = {\n", what)
		for i := range n {
			if s := text(i); s != "" && !strings.HasPrefix(s, "#") {
				fmt.Fprintf(&b, "  %s: %d,\n", camel(s), i)
			}
		}
		b.WriteString("} as const;\n")
	}
	list := func(what string, n int, text func(i int) string) {
		fmt.Fprintf(&b, "\nexport const %s = [\n", what)
		for i := range n {
			fmt.Fprintf(&b, "  %q,\n", text(i))
		}
		b.WriteString("];\n")
	}
	kinds := bits.Len64(uint64(sim.AllKinds))
	enum("Kind", kinds, func(i int) string { return sim.Kind(i).String() })
	enum("Role", int(sim.Learner)+1, func(i int) string { return sim.Role(i).String() })
	enum("Msg", int(sim.MsgPreVoteResp)+1, func(i int) string { return sim.MsgType(i).String() })
	enum("Outcome", int(sim.OutcomeMismatch)+1, func(i int) string { return sim.Outcome(i).String() })
	list("kindNames", kinds, func(i int) string { return sim.Kind(i).String() })
	list("roleNames", int(sim.Learner)+1, func(i int) string { return sim.Role(i).String() })
	list("msgNames", int(sim.MsgPreVoteResp)+1, func(i int) string { return sim.MsgType(i).String() })
	list("opNames", int(sim.OpCAS)+1, func(i int) string { return sim.OpKind(i).String() })
	list("outcomeNames", int(sim.OutcomeMismatch)+1, func(i int) string { return sim.Outcome(i).String() })
	const path = "../web/src/names.ts"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != b.String() {
		t.Errorf("%s is not what package sim gives; -update writes it (%v)", path, err)
	}
}

// camel is MsgAppResp as it is, and fault-begun as FaultBegun.
func camel(s string) string {
	var b strings.Builder
	up := true
	for _, r := range s {
		if r == '-' {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}
