package etcdsim

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// open starts a small live cluster without load.
func open(t *testing.T, members int, steps ...string) (*Live, *sim.Recorder) {
	t.Helper()
	s := scenario(t, members, time.Hour, steps...)
	s.Workload.Rate = 0
	rec := sim.NewRecorder(sim.AllKinds)
	l, err := Engine{}.Open(t.Context(), s, rec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) }) // the test that closes it looks at the error
	return l, rec
}

// heard counts the events of a live cluster.
type heard struct {
	mu     sync.Mutex
	counts map[sim.Kind]int
}

// Observe implements sim.Observer.
func (h *heard) Observe(e *sim.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[e.Kind]++
}

// until waits until there are as many events of a kind.
func (h *heard) until(t *testing.T, l *Live, n int, k sim.Kind) {
	t.Helper()
	until(t, l, k.String(), func(LiveStatus) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.counts[k] >= n
	})
}

// openToWait starts a scenario as a live cluster, so that a test can wait for what makes its claims true.
func openToWait(t *testing.T, s *sim.Scenario) (l *Live, events *heard, end func() *sim.Trace) {
	t.Helper()
	events = &heard{counts: map[sim.Kind]int{}}
	rec := sim.NewRecorder(sim.AllKinds, events)
	l, err := Engine{}.Open(t.Context(), s, rec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close(context.Background()) // whoever calls end sees the error
		if t.Failed() {
			show(t, rec.Trace(l.Scenario(), "etcd", "test"))
		}
	})
	return l, events, func() *sim.Trace {
		t.Helper()
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		tr := rec.Trace(l.Scenario(), "etcd", "test")
		wellFormed(t, tr)
		return tr
	}
}

// do carries out a statement that has to work.
func do(t *testing.T, l *Live, line string) string {
	t.Helper()
	text, err := try(t, l, line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return text
}

func try(t *testing.T, l *Live, line string) (string, error) {
	t.Helper()
	st, err := script.ParseLine(line)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return l.Do(ctx, st)
}

// until waits for a status.
func until(t *testing.T, l *Live, what string, is func(LiveStatus) bool) LiveStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		s, err := l.Status(ctx)
		if err != nil {
			t.Fatalf("%s: %v; at last %+v", what, err, s)
		}
		if is(s) {
			return s
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestLive(t *testing.T) {
	l, rec := open(t, 3, "0s stop-load")
	crashed := do(t, l, "crash leader")
	if !strings.HasPrefix(crashed, "crash n") {
		t.Errorf("crash leader did %q", crashed)
	}
	do(t, l, "crash leader for 300ms") // waits for the next one
	until(t, l, "the second comes back", func(s LiveStatus) bool { return len(s.Faults) == 2 })
	do(t, l, "restart crashed")
	s := until(t, l, "all up", func(s LiveStatus) bool {
		return len(s.Faults) == 1 && s.Members[0].Answers && s.Members[1].Answers && s.Members[2].Answers
	})
	if s.Faults[0].Text != "stop-load" || s.Members[0].DB == 0 {
		t.Errorf("status %+v", s)
	}

	var bad *BadStatement
	for line, want := range map[string]string{
		"crash n4":                 `unknown member "n4"`,
		"duplicate n1 -> n2 10%":   "delivers nothing twice",
		"partition n1 | n1":        "on two sides",
		"replace n1 n2":            "is already a member",
		"crash zone a":             "no member has a zone",
		"slow-disk n9 1ms for 10s": `unknown member "n9"`,
	} {
		if _, err := try(t, l, line); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	if _, err := try(t, l, "crash crashed"); !errors.Is(err, script.ErrNobody) || errors.As(err, &bad) {
		t.Errorf("crash crashed: %v", err)
	}
	do(t, l, "crash n1")
	if _, err := try(t, l, "pause n1"); err == nil || !strings.Contains(err.Error(), "is down and can't be paused") {
		t.Errorf("pause n1: %v", err)
	}
	checkScript(t, l, rec, "stop-load", "crash leader", "crash leader for 300ms", "restart crashed", "crash crashed",
		"crash n1", "pause n1")
}

// checkScript closes the cluster and looks at the script that it leaves.
func checkScript(t *testing.T, l *Live, rec *sim.Recorder, lines ...string) {
	t.Helper()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Do(t.Context(), sim.Step{Do: sim.Statement{Verb: "heal"}}); !errors.Is(err, ErrEnded) {
		t.Errorf("after the end: %v", err)
	}
	s := l.Scenario()
	for _, p := range s.Validate() {
		t.Error(p)
	}
	var got []string
	for _, st := range s.Steps {
		got = append(got, script.FormatLine(st))
	}
	if strings.Join(got, "\n") != strings.Join(lines, "\n") {
		t.Errorf("script\n%q, want\n%q", got, lines)
	}
	tr := rec.Trace(s, "etcd", "test")
	wellFormed(t, tr)
	hashes := 0
	for _, e := range tr.Events {
		if e.Kind == sim.KindHash {
			hashes++
		}
	}
	if hashes == 0 {
		t.Error("the cluster had no last word")
	}
}

// TestLiveGrows adds a member that no script knew of at the start.
func TestLiveGrows(t *testing.T) {
	l, rec := open(t, 1)
	do(t, l, "add-learner extra")
	until(t, l, "it joins", func(s LiveStatus) bool { return len(s.Members) == 2 && s.Members[1].Role == sim.Learner })
	do(t, l, "delay n1 -> extra 5ms for 100ms")
	until(t, l, "the delay ends", func(s LiveStatus) bool { return len(s.Faults) == 0 })
	do(t, l, "crash extra")
	checkScript(t, l, rec, "add-learner extra", "delay n1 -> extra 5ms for 100ms", "crash extra")
}

func TestLiveWithoutLeader(t *testing.T) {
	l, _ := open(t, 3)
	do(t, l, "crash leader followers")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	st, err := script.ParseLine("move-leader a-follower")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Do(ctx, st); !errors.Is(err, script.ErrNoLeader) {
		t.Errorf("without a leader: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Close(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("cut short: %v", err)
	}
}

// begin carries out a statement and waits for all that it began.
func begin(t *testing.T, l *Live, line string) error {
	t.Helper()
	st, err := script.ParseLine(line)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	e, err := l.Begin(ctx, st)
	if err == nil {
		err = errors.Join(e.Err, l.Wait(ctx, e))
	}
	return err
}

// insist is begin, and again if what it began took too long: on a busy machine a transfer of leadership may.
func insist(t *testing.T, l *Live, line string) (err error) {
	t.Helper()
	for ctx := contextFor(t); ctx.Err() == nil; {
		if err = begin(t, l, line); !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return err
}

// TestLiveWaits waits for what takes its time, so that the next statement finds it done.
func TestLiveWaits(t *testing.T) {
	l, _ := open(t, 1)
	for _, line := range []string{
		"add-learner n2", "promote n2 retry", "move-leader n2", "put k v", "snapshot", "compact", "defrag all",
		"remove n1 retry",
	} {
		if err := begin(t, l, line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	s, err := l.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Members {
		if in := m.Role != sim.RoleNone; in != (m.Name == "n2") {
			t.Errorf("n2 alone is to be left: %+v", s.Members)
		}
	}
	if err := begin(t, l, "compact 99999"); err == nil || !strings.Contains(err.Error(), "future revision") {
		t.Errorf("a compaction of what is still to come: %v", err)
	}
}

// TestPromotedMemberServes: a member far away hears late that it was promoted, and until then it refuses what
// learners do not do. The statement is done when it serves.
func TestPromotedMemberServes(t *testing.T) {
	l, _ := open(t, 1)
	for _, line := range []string{"add-learner n2", "delay n1 -> n2 300ms", "promote n2 retry"} {
		if err := begin(t, l, line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	cl, err := l.Cluster().Client(2)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if _, err := cl.Put(t.Context(), "city", "Oslo"); err != nil {
		t.Errorf("put through n2: %v", err)
	}
}

// Clients leave a member alone that is only starting, here on a disk that stands still.
func TestClientsAskWhoAnswers(t *testing.T) {
	l, _ := open(t, 3)
	for _, line := range []string{"crash n1", "stall-disk n1", "restart n1", "put a 1", "put b 1", "put c 1", "put d 1"} {
		if err := begin(t, l, line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestFollowsAgain: a member that knew a leader, missed that another one led in between, and hears of the
// first again in a later term, follows it. Raft's log does not repeat the leader's name then.
func TestFollowsAgain(t *testing.T) {
	s := scenario(t, 3, time.Hour)
	s.Workload.Rate, s.Cluster.Election = 0, sim.Fixed(5*time.Second) // the member that misses it is patient
	l, _, end := openToWait(t, s)
	all := until(t, l, "all follow", func(s LiveStatus) bool { return followers(s, leading(s)) == 3 })
	first := leading(all)
	others := slices.DeleteFunc(all.Members, func(m LiveMember) bool { return m.ID == first })
	second, misses := others[0], others[1]
	do(t, l, "isolate "+misses.Name)
	for _, to := range []sim.MemberID{second.ID, first} {
		until(t, l, "it leads", func(now LiveStatus) bool {
			led := leading(now) == to && followers(now, to) >= 2
			if !led && leading(now) != 0 {
				_ = begin(t, l, "move-leader "+s.MemberName(to)) // a transfer may fail; then it is asked for again
			}
			return led
		})
	}
	do(t, l, "heal")
	until(t, l, misses.Name+" follows", func(s LiveStatus) bool { return leading(s) == first && followers(s, first) == 3 })
	end()
}

// leading is the member that leads in the highest term, or 0.
func leading(s LiveStatus) (id sim.MemberID) {
	term := uint64(0)
	for _, m := range s.Members {
		if m.Up && m.Role == sim.Leader && m.Term > term {
			id, term = m.ID, m.Term
		}
	}
	return id
}

// followers counts the members that take one for the leader, itself among them, in the term in which it leads.
func followers(s LiveStatus, leader sim.MemberID) (n int) {
	term := uint64(0)
	for _, m := range s.Members {
		if m.ID == leader {
			term = m.Term
		}
	}
	for _, m := range s.Members {
		if leader != 0 && m.Up && m.Leader == leader && m.Term == term {
			n++
		}
	}
	return n
}
