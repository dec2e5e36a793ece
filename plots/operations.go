package plots

import (
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// op is a client's operation from its call to its return.
type op struct {
	Call, Return time.Duration
	Outcome      sim.Outcome // OutcomeNone: it never returned
	Member       sim.MemberID
}

// took is how long the client waited.
func (o op) took() time.Duration { return o.Return - o.Call }

// answer sums up an outcome for people: a compare-and-swap that found another
// value was answered all right, and what never returned is as unknown as what the
// client gave up.
func (o op) answer() answer {
	switch o.Outcome {
	case sim.OutcomeOK, sim.OutcomeMismatch:
		return answered
	case sim.OutcomeFailed:
		return failed
	}
	return unknown
}

// counted is when the operation counts in figures of answers: when it was answered; one that was
// not, when it was asked for. A client gives up long after what kept the answer from it.
func (o op) counted() time.Duration {
	if o.answer() == answered {
		return o.Return
	}
	return o.Call
}

type answer uint8

const (
	answered answer = iota
	failed
	unknown
	answers // how many there are
)

func (a answer) String() string { return [...]string{"ok", "failed", "unknown"}[a] }

// about says what an answer means, for legends.
func (a answer) about() string {
	return [...]string{"ok", "failed: no effect", "unknown: no answer in time"}[a]
}

// colour and shape keep the answers apart on every figure.
func (a answer) colour() chart.Colour {
	return [...]chart.Colour{chart.Blue, chart.Vermillion, chart.Purple}[a]
}
func (a answer) shape() chart.Shape {
	return [...]chart.Shape{chart.Square, chart.Cross, chart.Triangle}[a]
}

func (a answer) look() chart.Look {
	switch a {
	case failed:
		return chart.Bad.Look()
	case unknown:
		return chart.Look{Fill: chart.Purple, Hatch: chart.Upright, Over: chart.OnLight, Text: chart.OnLight}
	}
	return chart.Good.Look()
}

// sum counts the operations whose answers come before the given one; those with
// any answer for answers.
func sum(by [answers]int, before answer) (n int) {
	for _, c := range by[:before] {
		n += c
	}
	return n
}

type opReader struct {
	ops  []op
	open map[uint64]int // by the operation's number
}

func newOpReader() *opReader { return &opReader{open: map[uint64]int{}} }

func (r *opReader) take(e *sim.Event) {
	if e.Kind == sim.KindCall {
		r.open[e.ID] = len(r.ops)
		r.ops = append(r.ops, op{Call: e.At, Return: e.At})
		return
	}
	if i, ok := r.open[e.ID]; ok {
		r.ops[i].Return, r.ops[i].Outcome, r.ops[i].Member = e.At, e.Result, e.Member
		delete(r.open, e.ID)
	}
}
