package check

import (
	"strings"
	"testing"

	"quorumlab/sim"
)

// TestBalancerDeadEnds counts what a balancer gives to a member while either direction between the two is cut, and the
// story tells it.
func TestBalancerDeadEnds(t *testing.T) {
	p := newTape(3)
	happens := func(at int, client uint32, m sim.MemberID, what sim.ClientChange) {
		p.at(at).add(sim.Event{Kind: sim.KindClient, Client: client, Member: m, Count: uint32(what), ID: uint64(at)})
	}
	p.at(1000).elect(1, 2, 2, 3)
	happens(1100, 1, 2, sim.ClientAsks) // before
	p.at(2000).begin("cut client c1 -> n2")
	happens(2000, 1, 2, sim.ClientCut)
	happens(2100, 1, 2, sim.ClientAsks)
	happens(2200, 2, 2, sim.ClientAsks) // another client
	happens(2300, 1, 3, sim.ClientAsks) // another member
	happens(3000, 1, 2, sim.ClientDeaf)
	happens(3100, 1, 2, sim.ClientAsks)
	happens(4000, 1, 2, sim.ClientMended)
	happens(4100, 1, 2, sim.ClientAsks)
	happens(5000, 1, 2, sim.ClientHears)
	happens(5100, 1, 2, sim.ClientAsks) // after
	tr := p.trace()
	r := newRun(tr)
	got, ok := ownMeasures["balancer.dead-ends"].compute(r, sim.Window{})
	if !ok || got != 3 {
		t.Errorf("%v, %v; want 3", got, ok)
	}
	var story []string
	for _, s := range Story(tr) {
		story = append(story, s.Text)
	}
	const want = "the balancer of client c1 gave n2 2 operations, the last one at 3.1 s"
	if !strings.Contains(strings.Join(story, " "), want) {
		t.Errorf("the story does not say %q: %q", want, story)
	}
}
