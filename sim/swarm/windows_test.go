package swarm_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/alert"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

// measurable is a random run that ends in the middle of its faults. Sim has no database
// files, alerts and access, so that events of these are thrown in.
func measurable(t *testing.T, base *sim.Scenario, seed uint64) (*sim.Trace, *rand.Rand) {
	t.Helper()
	r := sim.Stream(seed, "windows")
	s := swarm.Draw(base, seed)
	s.Run = time.Duration(sim.Below(r, int64(s.Run/2)))/time.Millisecond*time.Millisecond + time.Second
	s.Steps = slices.DeleteFunc(s.Steps, func(st sim.Step) bool { return st.At >= s.Run })
	for i := range s.Steps {
		s.Steps[i].For = min(s.Steps[i].For, s.Run-s.Steps[i].At)
	}
	j, err := run.Do(context.Background(), s, raftsim.Engine{}, run.Options{MostEvents: mostEvents, Unjudged: true})
	if err != nil {
		t.Fatal(err)
	}
	tr := j.Trace
	tr.Scenario.Alerts = sim.AlertSpec{Scrape: time.Second, Pace: 1}
	end := int64(tr.End() + time.Second)
	for range 200 {
		tr.Events = append(tr.Events, thrownIn(r, tr, time.Duration(sim.Below(r, end))))
	}
	slices.SortStableFunc(tr.Events, func(a, b sim.Event) int { return int(a.At - b.At) })
	for i := range tr.Events {
		tr.Events[i].Seq = uint64(i + 1)
	}
	return tr, r
}

// thrownIn is an event that sim does not have.
func thrownIn(r *rand.Rand, tr *sim.Trace, at time.Duration) sim.Event {
	below := func(n int) int { return int(sim.Below(r, int64(n))) }
	e := sim.Event{At: at, Member: sim.MemberID(1 + below(len(tr.Members)))}
	size := uint64(1000 + below(1000))
	switch below(14) {
	case 0, 1, 2:
		e.Kind, e.Key, e.Count = sim.KindAlert, alert.Rules()[below(5)].Name, uint32(below(3))
	case 3:
		e.Kind, e.Value, e.Old = sim.KindStoreSize, size, size/2
	case 4:
		e.Kind = sim.KindDefragBegun
	case 5:
		e.Kind, e.Value, e.Old = sim.KindDefragEnded, size, size
	case 6, 7:
		e.Kind, e.Count, e.Value = sim.KindAlarm, uint32(1+below(2)), uint64(below(2))
	case 8:
		e.Kind, e.Count, e.Result = sim.KindAccess, 1+uint32(below(4)), pick(r, sim.OutcomeOK, sim.OutcomeFailed)
	case 9:
		e.Kind, e.Value = sim.KindSnapshotSaved, size
	case 11:
		e.Kind, e.ID, e.Key, e.Revision = sim.KindWatchProgress, uint64(1+below(3)), "k1", uint64(below(10))
	case 12:
		e.Kind = pick(r, sim.KindLeaseAsked, sim.KindLeaseAnswered, sim.KindLease)
		e.ID, e.Index, e.Count, e.Key, e.Value = uint64(1+below(3)), uint64(below(3)), uint32(1+below(4)), "a", size
		e.Result = pick(r, sim.OutcomeOK, sim.OutcomeFailed)
	case 10:
		e.Kind, e.Revision = sim.KindStoreCompacted, uint64(below(10))
	default:
		e.Kind = pick(r, sim.KindWatchBegun, sim.KindWatchEvent, sim.KindWatchEnded)
		e.ID, e.Key, e.Client, e.Revision = uint64(1+below(3)), "k1", 1, uint64(below(10))
		e.Result = pick(r, sim.OutcomeOK, sim.OutcomeFailed)
	}
	return e
}

func pick[T any](r *rand.Rand, of ...T) T { return of[sim.Below(r, int64(len(of)))] }

// moment is a time of the run, now and then that of an event.
func moment(r *rand.Rand, tr *sim.Trace) time.Duration {
	if at := tr.Events[sim.Below(r, int64(len(tr.Events)))].At; sim.Below(r, 2) == 0 && at < tr.Length() {
		return at
	}
	return time.Duration(sim.Below(r, int64(tr.Length())))
}

// TestMeasuresKeepToTheirWindows: whatever happens, no time is longer than the window in
// which it was measured, and what two parts of a window say fits what the whole says, by
// the rule of the measure.
func TestMeasuresKeepToTheirWindows(t *testing.T) {
	b := base(t, "sim")
	for seed := range uint64(40) {
		tr, r := measurable(t, b, seed)
		read := check.Read(tr)
		checkWindow(t, seed, read, tr, sim.Window{}, time.Duration(sim.Below(r, int64(tr.Length())))+1)
		for range 12 {
			at := []time.Duration{moment(r, tr), moment(r, tr), moment(r, tr)}
			slices.Sort(at)
			whole := sim.Window{From: at[0], To: at[2]}
			if sim.Below(r, 3) == 0 {
				whole.To = 0
			}
			if at[0] < at[1] && (whole.To == 0 || at[1] < at[2]) {
				checkWindow(t, seed, read, tr, whole, at[1])
			}
		}
		if t.Failed() {
			return
		}
	}
}

// checkWindow holds every measure over a window against that over its two parts.
func checkWindow(t *testing.T, seed uint64, read *check.Reader, tr *sim.Trace, whole sim.Window, middle time.Duration) {
	t.Helper()
	end := whole.To
	if end == 0 {
		end = tr.Length()
	}
	first, second := sim.Window{From: whole.From, To: middle}, sim.Window{From: middle, To: whole.To}
	value := func(name string, w sim.Window) float64 { v, _ := read.Measure(name, w); return v }
	for _, m := range check.Measures() {
		v, a, b := value(m.Name, whole), value(m.Name, first), value(m.Name, second)
		const tiny = 1e-6
		if m.Unit == sim.Millis && (v < 0 || v > sim.MillisOf(end-whole.From)+tiny) {
			t.Errorf("seed %d, %s%s is %v ms, longer than the window", seed, m.Name, whole, v)
		}
		fits := true
		switch m.Rule {
		case sim.OfEvents, sim.OfTime:
			fits = math.Abs(v-a-b) < tiny
		case sim.OfOperations:
			fits = m.Unit != sim.Count || v == a+b
		case sim.OfLongest, sim.OfThings:
			fits = v > max(a, b)-tiny && v < a+b+tiny
		case sim.OfState:
			fits = v == a || v == b
		case sim.OfInterval: // no longer than the window, which is above
		default:
			t.Fatalf("%s has no rule", m.Name)
		}
		if !fits {
			t.Errorf("seed %d, %s%s is %v, but its parts until and from %v are %v and %v", seed, m.Name, whole, v, middle, a, b)
		}
	}
	sums(t, seed, whole, func(name string) float64 { return value(name, whole) })
}

// sums holds measures against those that they consist of.
func sums(t *testing.T, seed uint64, w sim.Window, value func(name string) float64) {
	t.Helper()
	all := value("ops.ok") + value("ops.failed")
	for name, sum := range map[string]float64{
		"ops.ok":     value("writes.ok") + value("reads.ok") + value("cas.mismatch"),
		"ops.failed": value("writes.failed") + value("writes.unknown") + value("reads.failed"),
		"access.refused": value("access.refused.connect") + value("access.refused.handshake") +
			value("access.refused.authentication") + value("access.refused.authorization"),
		"availability": value("ops.ok") / max(all, 1),
	} {
		if v := value(name); math.Abs(v-sum) > 1e-9 {
			t.Errorf("seed %d, %s%s is %v, but its parts make %v", seed, name, w, v, sum)
		}
	}
	if value("leaderless.longest") > value("leaderless.total") {
		t.Errorf("seed %d: the longest time without a leader in %s is longer than all of it", seed, w)
	}
	if value("alerts.firing") > sumOf(alert.Rules(), func(r alert.Rule) float64 { return value("alert." + r.Name) })+1e-6 {
		t.Errorf("seed %d: alerts fired for longer in %s than each of them", seed, w)
	}
}

func sumOf[T any](of []T, value func(T) float64) (sum float64) {
	for _, x := range of {
		sum += value(x)
	}
	return sum
}
