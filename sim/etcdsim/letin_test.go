package etcdsim

import (
	"context"
	"errors"
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
	s := scenario(t, 3, time.Hour)
	s.Cluster.Network.Latency = sim.Fixed(50 * time.Millisecond)
	ctx, stop := context.WithCancel(contextFor(t))
	defer stop()
	rec := sim.NewRecorder(sim.AllKinds)
	r, err := newRun(ctx, Engine{}, s, rec, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec.Watch(&atFirstCall{do: func() {
		for _, m := range r.cluster.Founders() {
			if !m.Answers() {
				t.Errorf("a client came before %s served any", m.Name)
			}
		}
		stop()
	}})
	if err := r.all(); !errors.Is(err, context.Canceled) {
		t.Errorf("no client came: %v", err)
	}
}

// TestLoadBeginsWithoutAMemberThatIsCutOff cuts a member off before it can serve.
func TestLoadBeginsWithoutAMemberThatIsCutOff(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(contextFor(t))
	defer stop()
	ok := func(e sim.Event) bool { return e.Kind == sim.KindReturn && e.Result == sim.OutcomeOK }
	rec := sim.NewRecorder(sim.AllKinds, stopWhen{ok, stop})
	s := scenario(t, 3, time.Hour, "0s isolate n3")
	if err := (Engine{}).Run(ctx, s, rec, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("no operation succeeded: %v", err)
	}
}
