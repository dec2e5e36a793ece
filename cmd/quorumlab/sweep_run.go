package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"quorumlab/sim/sweep"
)

// batchSize is how many trials a worker takes at once, and writes at once.
const batchSize = 32

// runAll runs the trials that have no record yet, on some workers. Each record goes to
// its own place in the file, so it does not matter who runs what when. A cancelled
// context keeps what is done.
func (w *work) runAll(ctx context.Context, ts *trials, jobs int, io streams) error {
	own := w.plan.Own()
	bar := newCounter(io, w.plan.Scenario, own)
	defer bar.done()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	finished := make(chan int)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for {
				from := int(next.Add(batchSize)) - batchSize
				if from >= own || ctx.Err() != nil {
					return
				}
				n, err := w.runBatch(ctx, ts, from, min(from+batchSize, own))
				finished <- n
				if err != nil {
					stop(err)
				}
			}
		})
	}
	go func() { workers.Wait(); close(finished) }()
	for n := range finished {
		bar.add(n)
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) && bar.count < own {
		bar.done()
		fmt.Fprintf(io.err, "%d of %d trials are kept; the same command with --resume goes on\n", bar.count, own)
	}
	return cause
}

// runBatch runs the trials from place to place that are not on disk, and writes their
// records, also of a batch that was interrupted.
func (w *work) runBatch(ctx context.Context, ts *trials, from, to int) (done int, err error) {
	var buf []byte
	begin := from // of the records in buf
	flush := func(end int) error {
		_, err := w.file.WriteAt(buf, int64(begin)*int64(w.plan.RecordSize()))
		buf, begin = buf[:0], end
		return err
	}
	err = w.records().Each(from, to, func(place int, r *sweep.Record) error {
		if r != nil {
			done++
			err := flush(place + 1)
			return err
		}
		rec, err := ts.run(ctx, w.plan.Trial(place))
		if err != nil {
			return err
		}
		done++
		buf = w.plan.AppendRecord(buf, rec)
		return nil
	})
	return done, errors.Join(err, flush(to))
}
