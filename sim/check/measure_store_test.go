package check

import (
	"strings"
	"testing"

	"quorumlab/sim"
)

// filled is a run of 20 s in which two files grow, one into its quota, are compacted and defragmented.
func filled() *sim.Trace {
	p := newTape(2)
	p.at(500).elect(1, 2, 2)
	sizes := func(k sim.Kind, m sim.MemberID, size, inUse uint64) {
		p.add(sim.Event{Kind: k, Member: m, Value: size, Old: inUse})
	}
	p.at(1000)
	sizes(sim.KindStoreSize, 1, 1000, 1000)
	sizes(sim.KindStoreSize, 2, 1100, 1000)
	p.at(3000)
	sizes(sim.KindStoreSize, 1, 5000, 4900)
	refused := p.call(1, sim.OpPut, "k1", 1, 0)
	p.at(4000).add(sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace, Value: 1})
	p.add(sim.Event{Kind: sim.KindReturn, ID: refused, Client: 1, Op: sim.OpPut, Key: "k1", Result: sim.OutcomeUnknown,
		Count: sim.AlarmNoSpace})
	p.back(p.call(1, sim.OpPut, "k1", 2, 0), sim.OutcomeFailed, 0, 0) // for another reason
	p.add(sim.Event{Kind: sim.KindAlarm, Member: 2, Count: sim.AlarmNoSpace, Value: 1})
	p.add(sim.Event{Kind: sim.KindAlarm, Member: 2, Count: sim.AlarmCorrupt, Value: 1})
	p.at(5000).add(sim.Event{Kind: sim.KindStoreCompacted, Member: 1, Revision: 40})
	p.add(sim.Event{Kind: sim.KindStoreCompacted, Member: 2, Revision: 40})
	sizes(sim.KindStoreSize, 1, 5000, 1250)
	p.at(6000).on(sim.KindDefragBegun, 2)
	p.at(6200)
	sizes(sim.KindDefragEnded, 2, 900, 900)
	p.at(6300).on(sim.KindDefragBegun, 1)
	p.at(7000)
	sizes(sim.KindDefragEnded, 1, 1300, 1200)
	p.at(8000).add(sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace})
	p.at(9000).add(sim.Event{Kind: sim.KindAlarm, Member: 2, Count: sim.AlarmNoSpace})
	p.at(12000).add(sim.Event{Kind: sim.KindAlarm, Member: 2, Count: sim.AlarmNoSpace, Value: 1})
	p.at(15000).on(sim.KindDefragBegun, 2)
	p.at(18000).on(sim.KindCrashed, 2)
	p.at(20000)
	return p.trace()
}

func TestStoreMeasures(t *testing.T) {
	tr, largest := filled(), 1300.0 // a variable, so that the division is rounded as at run time
	for name, n := range map[string]float64{
		"db.size": 1300, "db.in-use": 1200, "db.free": 1 - 1200/largest, "db.size.max": 5000,
		"defrags": 2, "defrag.pause": 3000, "compactions": 1,
		"alarms.nospace": 2, "nospace.total": 13000, "writes.nospace": 1, "writes.failed": 1, "writes.unknown": 1,
	} {
		want(t, name, tr, sim.Window{}, n)
	}
	want(t, "db.size", tr, seconds(2, 6), 5000) // of n1; that of n2 is from before the window
	want(t, "db.in-use", tr, seconds(2, 6), 1250)
	want(t, "db.free", tr, seconds(2, 6), 0.75)
	want(t, "db.size.max", tr, seconds(8, 20), 1300)
	want(t, "db.size.max", tr, seconds(6, 7), 5000)
	want(t, "defrag.pause", tr, seconds(5, 10), 700)
	want(t, "alarms.nospace", tr, seconds(5, 11), 0)
	want(t, "nospace.total", tr, seconds(5, 11), 4000)
	want(t, "compactions", tr, seconds(6, 20), 0)
	wantNothing(t, "defrag.pause", tr, seconds(8, 10))
	wantNothing(t, "db.size", loaded(), sim.Window{})
	wantNothing(t, "db.size.max", loaded(), sim.Window{})
}

// A defragmentation that the run did not see the end of lasted until then.
func TestDefragWithoutEnd(t *testing.T) {
	p := newTape(1)
	p.at(1000).on(sim.KindDefragBegun, 1)
	p.at(5000).on(sim.KindNote, 1)
	want(t, "defrag.pause", p.trace(), sim.Window{}, 4000)
}

func TestStoryOfAStore(t *testing.T) {
	p := newTape(2)
	p.at(500).elect(1, 2, 2)
	size := func(ms int, k sim.Kind, m sim.MemberID, size, inUse uint64) {
		p.at(ms).add(sim.Event{Kind: k, Member: m, Value: size << 20, Old: inUse << 20})
	}
	p.at(1000).begin("fill 100 64KiB")
	size(1500, sim.KindStoreSize, 1, 16, 16)
	size(1600, sim.KindStoreSize, 2, 17, 16)
	p.at(1700).add(sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace, Value: 1})
	id := p.call(1, sim.OpPut, "k1", 1, 0)
	p.add(sim.Event{Kind: sim.KindReturn, ID: id, Client: 1, Op: sim.OpPut, Key: "k1", Result: sim.OutcomeUnknown,
		Count: sim.AlarmNoSpace, Member: 1})
	p.at(2000).begin("compact")
	size(2100, sim.KindStoreSize, 2, 17, 1)
	p.at(3000).begin("defrag n1 n2")
	p.at(3001).on(sim.KindDefragBegun, 2)
	size(3100, sim.KindDefragEnded, 2, 1, 1)
	p.at(3101).on(sim.KindDefragBegun, 1)
	size(3400, sim.KindDefragEnded, 1, 1, 1)
	p.at(4000).begin("put k2 v")
	size(4100, sim.KindStoreSize, 1, 1, 1)
	want := []string{
		"The 2 members started; after 500 ms n1 became leader in term 2.",
		"At 1.0 s 100 keys of 64KiB were written; after 700 ms the database space was exceeded (NOSPACE); 1 write was " +
			"refused for lack of space; then the largest database file had 17.0MiB, 16.0MiB of it in use.",
		"At 2.0 s the store's old revisions were dropped; no more writes succeeded; then the largest database file had " +
			"17.0MiB, 1.00MiB of it in use.",
		"At 3.0 s n1 (leader of term 2) and n2 were defragmented; n1 was blocked for 299 ms; then the largest database " +
			"file had 1.00MiB, 1.00MiB of it in use.",
	}
	story := Story(p.trace())
	for i, w := range want {
		if i >= len(story) || story[i].Text != w {
			t.Errorf("sentence %d is %q\nwant %q", i, story[i].Text, w)
		}
	}
}

// What the CORRUPT alarm refuses was answered.
func TestStoryOfCorruption(t *testing.T) {
	p := newTape(2)
	p.at(500).elect(1, 2, 2)
	p.at(1000).begin("compare-hashes")
	p.at(1500).add(sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmCorrupt, Value: 1})
	for _, op := range []sim.OpKind{sim.OpPut, sim.OpGet} {
		id := p.call(1, op, "k1", 1, 0)
		p.add(sim.Event{Kind: sim.KindReturn, ID: id, Client: 1, Op: op, Key: "k1", Result: sim.OutcomeFailed,
			Count: sim.AlarmCorrupt, Member: 2})
	}
	const want = "2 operations were refused because of the alarm"
	story := ""
	for _, s := range Story(p.trace()) {
		story += s.Text + "\n"
	}
	if !strings.Contains(story, want) || strings.Contains(story, "no answer") {
		t.Errorf("the story is to say that %s:\n%s", want, story)
	}
}
