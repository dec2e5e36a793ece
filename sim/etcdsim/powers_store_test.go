package etcdsim

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// long leaves a test out of the race pass: it has no more goroutines than the others.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes real time, and others race as much")
	}
}

// tell lists the events of the store's operations, in order: what was asked for, and the defragmentations
// and alarms that came of it.
func tell(tr *sim.Trace) (story []string) {
	for _, e := range tr.Events {
		switch {
		case e.Kind == sim.KindFaultBegun:
			story = append(story, e.Note)
		case e.Kind == sim.KindDefragBegun, e.Kind == sim.KindDefragEnded:
			story = append(story, e.Kind.String()+" "+e.Member.String())
		case e.Kind == sim.KindAlarm && e.Value == 1:
			story = append(story, "alarm on")
		case e.Kind == sim.KindAlarm:
			story = append(story, "alarm off")
		case e.Kind == sim.KindFaultFailed:
			story = append(story, e.Note)
		}
	}
	return story
}

// fills are the filler's writes that were answered so.
func fills(tr *sim.Trace, fits func(sim.Event) bool) int {
	return count(tr, func(e sim.Event) bool {
		return e.Kind == sim.KindReturn && strings.HasPrefix(e.Key, "fill/") && fits(e)
	})
}

// The stages come one after the other, however close they stand in the script.
func TestStoreStatements(t *testing.T) {
	long(t)
	t.Parallel()
	s := scenario(t, 3, time.Hour, "200ms fill 40 32KiB", "210ms fill 40 32KiB", "220ms delete 30",
		"230ms compact", "240ms defrag all", "250ms fill 5 1KiB", "260ms quota 64MiB")
	l, events, end := openToWait(t, s)
	events.until(t, l, 3, sim.KindDefragEnded)
	if err := begin(t, l, "fill 1 1KiB"); err != nil { // after all that
		t.Fatal(err)
	}
	tr := end()
	if n := fills(tr, func(e sim.Event) bool { return e.Result == sim.OutcomeOK }); n < 86 {
		t.Errorf("%d of 86 keys were written", n)
	}
	var full, after [4]sim.Event
	var begun, ended []sim.MemberID
	for _, e := range tr.Events {
		switch e.Kind {
		case sim.KindStoreSize:
			if len(begun) == 0 && e.Value > full[e.Member].Value {
				full[e.Member] = e
			}
		case sim.KindDefragBegun:
			if len(begun) > len(ended) {
				t.Error("two members were defragmented at the same time")
			}
			begun = append(begun, e.Member)
		case sim.KindDefragEnded:
			ended = append(ended, e.Member)
			after[e.Member] = e
		case sim.KindReturn:
			if len(begun) > 0 && strings.HasPrefix(e.Key, "fill/") && len(ended) < 3 {
				t.Error("the last fill did not wait for the defragmentation")
			}
		}
	}
	if len(ended) != 3 || ended[2] != leaderAt(tr, after[ended[2]].Seq) {
		t.Fatalf("defragmented were %v", ended)
	}
	for m := 1; m <= 3; m++ {
		if full[m].Value < 80*32<<10 || after[m].Value > full[m].Value/2 || after[m].Old < 10*32<<10 {
			t.Errorf("n%d had %d bytes before and %d after it, %d in use", m, full[m].Value, after[m].Value, after[m].Old)
		}
	}
	sameState(t, tr, 3)
}

// leaderAt is who led at an event.
func leaderAt(tr *sim.Trace, seq uint64) (leader sim.MemberID) {
	for _, e := range tr.Events {
		if e.Seq < seq && e.Kind == sim.KindState && e.Role == sim.Leader {
			leader = e.Member
		}
	}
	return leader
}

// A full store refuses writes, and says so, until it has been made smaller and the alarm disarmed.
func TestGrowIntoTheQuota(t *testing.T) {
	long(t)
	t.Parallel()
	s := scenario(t, 1, 3*time.Second, "200ms fill 4000 64KiB", "210ms delete 4000", "220ms compact", "230ms defrag all",
		"240ms disarm", "250ms fill 3 1KiB")
	s.Workload.Clients = 0
	s.Cluster.Store.Quota = 2 << 20
	tr := trace(t, s)
	refused := fills(tr, func(e sim.Event) bool { return e.Result == sim.OutcomeUnknown && e.Count == sim.AlarmNoSpace })
	if refused < 1 || refused > fillers {
		t.Errorf("%d writes were refused for lack of space", refused)
	}
	if n := fills(tr, func(e sim.Event) bool { return e.Key == sim.FillKey(2) && e.Result == sim.OutcomeOK }); n != 2 {
		t.Errorf("the third key was written %d times", n)
	}
	story := strings.Join(tell(tr), ", ")
	if !strings.Contains(story, "database space exceeded") ||
		strings.Index(story, "alarm on") > strings.Index(story, "alarm off") ||
		strings.Count(story, "alarm on") != 1 || strings.Count(story, "alarm off") != 1 {
		t.Errorf("the story is: %s", story)
	}
}

// A snapshot that is being read holds up a defragmentation, and with it the member; with the end of
// the read both go on.
func TestHoldSnapshot(t *testing.T) {
	t.Parallel()
	s := scenario(t, 1, 3*time.Second, "200ms fill 60 32KiB", "1s +1200ms hold-snapshot n1", "1500ms defrag n1")
	tr := trace(t, s)
	var begun, let, ended sim.Event
	called := map[uint64]sim.Event{}
	for _, e := range tr.Events {
		switch {
		case e.Kind == sim.KindDefragBegun:
			begun = e
		case e.Kind == sim.KindDefragEnded:
			ended = e
		case e.Kind == sim.KindFaultEnded:
			let = e
		case e.Kind == sim.KindCall:
			called[e.ID] = e
		case e.Kind == sim.KindReturn && begun.Seq > 0 && let.Seq == 0 && called[e.ID].At > begun.At+100*time.Millisecond:
			t.Errorf("%v %s was answered while the member stood still: %v", e.Op, e.Key, e.Result)
		}
	}
	if begun.Seq == 0 || let.Seq < begun.Seq || ended.Seq < let.Seq {
		t.Errorf("the defragmentation took from %v to %v, the snapshot was held until %v", begun.At, ended.At, let.At)
	}
}

// A small store is sent before anybody can hold it up, which is said and not passed off as held.
func TestHoldSmallSnapshot(t *testing.T) {
	t.Parallel()
	tr := trace(t, scenario(t, 1, time.Second, "500ms +200ms hold-snapshot n1"))
	if story := strings.Join(tell(tr), "\n"); !strings.Contains(story, "less than 512KiB") {
		t.Errorf("the story is: %s", story)
	}
}

// What is asked for too late is noted, and nothing is left behind.
func TestStoreStatementsAtTheEnd(t *testing.T) {
	t.Parallel()
	s := scenario(t, 1, time.Second, "300ms fill 1000000 1KiB", "400ms defrag all")
	tr := trace(t, s)
	story := strings.Join(tell(tr), "\n")
	if strings.Count(story, sim.ErrRunEnded.Error()) != 2 || strings.Contains(story, "defrag-begun") {
		t.Errorf("the story is: %s", story)
	}
}

func TestKubernetes(t *testing.T) {
	long(t)
	t.Parallel()
	s := scenario(t, 1, 3*time.Second, "200ms +2500ms kubernetes 10 50")
	s.Workload.Clients = 0
	tr := trace(t, s)
	writes := map[string]int{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindReturn && e.Result == sim.OutcomeOK {
			writes[strings.Split(e.Key, "/")[2]]++
		}
	}
	// 10 nodes and 50 pods, and in 2 s at 60 times the pace 120 renewals, 4 reports and 10 pods.
	if writes["leases"] < 40 || writes["minions"] < 11 || writes["pods"] < 52 || writes["events"] < 2 {
		t.Errorf("writes: %v", writes)
	}
	if n := count(tr, kind(sim.KindFinal)); n != 70 {
		t.Errorf("%d keys were read at the end", n)
	}
}
