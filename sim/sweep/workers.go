package sweep

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// batchSize is how many trials a worker takes at once, and writes at once.
const batchSize = 32

// RunAll runs the trials that have no record yet, on that many workers. Each record goes to its own place in the
// file, so it does not matter who runs what when. When the context is cancelled, what is done is kept. progress,
// if not nil, is called with the number of newly finished trials, from this goroutine; done counts all that
// have a record.
func (w *Work) RunAll(ctx context.Context, ts *Trials, jobs int, progress func(more int)) (done int, err error) {
	own := w.design.Own()
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
		done += n
		if progress != nil {
			progress(n)
		}
	}
	return done, w.kept(context.Cause(ctx))
}

// runBatch runs the trials from place to place that are not on disk, and writes their
// records, also of a batch that was interrupted.
func (w *Work) runBatch(ctx context.Context, ts *Trials, from, to int) (done int, err error) {
	var buf []byte
	begin := from // of the records in buf
	flush := func(end int) error {
		_, err := w.file.WriteAt(buf, int64(begin)*int64(w.design.RecordSize()))
		buf, begin = buf[:0], end
		return err
	}
	err = w.records().Each(from, to, func(place int, r *Record) error {
		if r != nil {
			done++
			err := flush(place + 1)
			return err
		}
		rec, err := ts.Run(ctx, w.design.Trial(place))
		if err != nil {
			return err
		}
		done++
		buf = w.code.Append(buf, place, rec)
		return nil
	})
	return done, errors.Join(err, flush(to))
}
