// Command module is what quorumlab runs as a WebAssembly module: the engine etcd-virtual, for one run. It reads the
// header of a trace, which holds the scenario, from its standard input and writes the events, a line each as traces
// have them, and a last line that says how the run ended (wire.End).
//
// It takes no flags and logs nothing: what a run does depends on every byte that goes in and on all that the program
// does, so all runs are made in the same way.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/exact/wire"
	"quorumlab/sim/script"
)

func main() {
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	end := wire.EndOf(run(out))
	line, err := json.Marshal(end)
	if err == nil {
		_, _ = out.Write(append(line, '\n')) // Flush reports it
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs the scenario that the input holds.
func run(out *bufio.Writer) error {
	words := sim.Language{Statement: script.Parse, Expectation: func(string) (sim.Expectation, error) {
		return sim.Expectation{}, errors.New("a run depends on no expectation, so there must be none")
	}}
	t, err := sim.ReadTrace(os.Stdin, words)
	if err != nil {
		return err
	}
	w := &writer{out: out}
	rec := sim.NewRecorder(0, w)
	return errors.Join(etcdsim.Virtual{}.Run(context.Background(), &t.Scenario, rec, nil), w.err)
}

// writer writes each event that it sees.
type writer struct {
	out  *bufio.Writer
	line []byte
	sent time.Duration
	err  error
}

// every is how much of the run's time may pass before the events that happened are passed on.
const every = 100 * time.Millisecond

// Observe writes an event.
func (w *writer) Observe(e *sim.Event) {
	w.line = append(e.AppendJSON(w.line[:0]), '\n')
	_, err := w.out.Write(w.line)
	if err == nil && e.At-w.sent >= every {
		w.sent, err = e.At, w.out.Flush()
	}
	if err != nil && w.err == nil {
		w.err = err
	}
}
