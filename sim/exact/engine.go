package exact

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/exact/wire"
	"quorumlab/sim/exact/world"
)

// Engine runs scenarios on real etcd servers in virtual time, exactly: one seed gives the same events each time, on any
// machine. It is etcdsim.Virtual in a WebAssembly module, and refuses what that refuses. Its zero value is ready, if
// the program was built with the module; any number of runs may go on at the same time.
type Engine struct {
	// Module is what is run; nil: the one that is built into this program.
	Module *Built
	// Patience is how long, in real time, a run may go on without an event before it is given up; 0: 5 minutes.
	Patience time.Duration
}

var _ sim.Engine = Engine{}

// Name is "etcd-virtual": it is the same engine. What tells them apart in a trace is the header's Module.
func (Engine) Name() string { return sim.EtcdVirtual }

// module is what is run.
func (e Engine) module() (*Built, error) {
	if e.Module != nil {
		return e.Module, nil
	}
	return Own()
}

// Refuse says what in the scenario it can't do.
func (e Engine) Refuse(s *sim.Scenario) []sim.Refusal {
	rs := etcdsim.Virtual{}.Refuse(s)
	if _, err := e.module(); err != nil {
		rs = append(rs, sim.Refusal{What: "exact", Reason: err.Error()})
	}
	return rs
}

// Run runs the scenario. progress is called from the calling goroutine. Errors are those of etcdsim.Virtual, and
// world.ErrSilent and world.ErrMemory.
func (e Engine) Run(ctx context.Context, s *sim.Scenario, rec *sim.Recorder, progress func(at time.Duration)) error {
	if rs := e.Refuse(s); len(rs) > 0 {
		return &sim.RefusedError{Scenario: s.Name, Engine: e.Name() + ", exact", Refusals: rs}
	}
	b, err := e.module()
	if err != nil {
		return err
	}
	hash, err := b.Hash()
	if err != nil {
		return err
	}
	input, err := wire.Input(s)
	if err != nil {
		return err
	}
	rec.RanBy(hash)
	m, err := b.compiled()
	if err != nil {
		return err
	}
	t := &taker{rec: rec, progress: progress}
	err = m.Do(ctx, world.Job{Seed: s.Seed, Input: input, Output: t.take, Patience: e.Patience})
	if err == nil && !t.end.End {
		err = errors.New("the module ended without saying how its run went")
	}
	if err != nil {
		return fmt.Errorf("after %s: %w", sim.FormatDuration(t.at), err)
	}
	return t.end.Err()
}

// taker takes what a module writes.
type taker struct {
	rec      *sim.Recorder
	progress func(time.Duration)
	rest     []byte // the beginning of a line
	at       time.Duration
	end      wire.End
}

// take takes the next bytes.
func (t *taker) take(b []byte) error {
	for {
		head, tail, whole := bytes.Cut(b, []byte("\n"))
		if !whole {
			t.rest = append(t.rest, b...)
			break
		}
		if len(t.rest) > 0 {
			t.rest = append(t.rest, head...)
			head = t.rest
		}
		if err := t.line(head); err != nil {
			return fmt.Errorf("what the module wrote: %w", err)
		}
		t.rest, b = t.rest[:0], tail
	}
	if t.progress != nil {
		t.progress(t.at)
	}
	return nil
}

func (t *taker) line(line []byte) error {
	if t.end.End {
		return errors.New("a line after the last one")
	}
	if bytes.HasPrefix(line, []byte(`{"end":`)) {
		return json.Unmarshal(line, &t.end)
	}
	e, err := sim.ParseEvent(line)
	if err != nil {
		return err
	}
	t.at = e.At
	if t.rec.Add(e); uint64(t.rec.Len()) != e.Seq {
		return fmt.Errorf("event %d comes as number %d", e.Seq, t.rec.Len())
	}
	return nil
}
