package etcdsim

import (
	"testing"
	"time"

	"quorumlab/sim"
)

// atFirstCall does something when the first operation of a run begins.
type atFirstCall struct {
	do   func()
	seen bool
}

func (f *atFirstCall) Observe(e *sim.Event) {
	if e.Kind == sim.KindCall && !f.seen {
		f.seen = true
		f.do()
	}
}

// TestLoadBeginsWhenAllServe has links on which a member serves its clients a fifth of a second after
// the first leader is there.
func TestLoadBeginsWhenAllServe(t *testing.T) {
	t.Parallel()
	s := scenario(t, 3, time.Second)
	s.Cluster.Network.Latency = sim.Fixed(50 * time.Millisecond)
	rec := sim.NewRecorder(sim.AllKinds)
	r, err := newRun(t.Context(), Engine{}, s, rec, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := &atFirstCall{do: func() {
		for _, m := range r.cluster.founders() {
			select {
			case <-m.running().ready():
			default:
				t.Errorf("a client came before %s served any", m.Name)
			}
		}
	}}
	rec.Watch(first)
	if err := r.all(); err != nil {
		t.Fatal(err)
	}
	if !first.seen {
		t.Error("no client came")
	}
}

// TestLoadBeginsWithoutAMemberThatIsCutOff cuts a member off before it can serve.
func TestLoadBeginsWithoutAMemberThatIsCutOff(t *testing.T) {
	t.Parallel()
	s := scenario(t, 3, 1500*time.Millisecond, "0s isolate n3")
	s.Workload.Timeout = 500 * time.Millisecond
	tr := trace(t, s)
	ok := func(e sim.Event) bool { return e.Kind == sim.KindReturn && e.Result == sim.OutcomeOK }
	if count(tr, ok) == 0 {
		t.Error("no operation succeeded")
	}
}
