package compactionanddefragmentation

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Two hundred keys of 8 KiB are overwritten, round after round. The quota is for six rounds,
// or a little more.
const (
	reuseKeys   = 200
	reuseValue  = 8 << 10
	reuseRounds = 8
	reuseQuota  = 12 << 20
)

// history is what one store did.
type history struct {
	sizes   []cluster.StoreStatus // behind each round
	answer  string                // of the last put
	watcher string                // what a watch from revision 2 is told in the end
	read    string                // and a read there
}

// runReuse overwrites the same keys in two stores, of which one is compacted behind each
// round.
func runReuse(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var hs [2]history
	var errs [2]error
	env.Say("two stores, eight rounds of overwriting 200 keys of 8 KiB; one is compacted")
	var work sync.WaitGroup
	for i := range hs {
		work.Go(func() {
			errs[i] = lessons.WithClient(ctx, members(1, reuseQuota), func(ctx context.Context, c *cluster.Real,
				cl *clientv3.Client) (err error) {
				hs[i], err = overwriteRounds(ctx, c, cl, i == 1)
				return err
			})
		})
	}
	work.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	without, with := hs[0], hs[1]
	o := &lessons.Observations{}
	o.Tell("without.put", without.answer, "the last put to the store that is never compacted")
	o.Tell("with.put", with.answer, "the last put to the one that is")
	o.Count("without.rounds", float64(len(without.sizes)-1), "full rounds before the quota, without compaction")
	o.Count("with.rounds", float64(len(with.sizes)), "full rounds before the quota, with compaction")
	o.Measure("with.file", float64(with.sizes[reuseRounds-1].Size), sim.Bytes, "the compacted store's file at the end")
	o.Measure("growth", float64(with.sizes[reuseRounds-1].Size)/float64(with.sizes[2].Size), sim.Count,
		"that file relative to its size after the third round")
	o.Tell("watch.old", with.watcher, "a watch from revision 2 on the compacted store")
	o.Tell("get.old", with.read, "a read at revision 2 from it")
	o.Tell("watch.kept", without.watcher, "a watch from revision 2 on the store that keeps everything")
	return o, o.Draw(chartOfReuse(without, with))
}

func overwriteRounds(ctx context.Context, c *cluster.Real, cl *clientv3.Client, compacted bool) (h history, err error) {
	for range reuseRounds {
		_, err := overwrite(ctx, cl, reuseKeys, reuseKeys, reuseValue)
		h.answer = word(err)
		if err != nil && !errors.Is(err, rpctypes.ErrNoSpace) {
			return h, err
		}
		if err == nil && compacted {
			if err := c.Compact(ctx, 0); err != nil {
				return h, err
			}
		}
		s, statusErr := c.StoreStatus(ctx, 1)
		if statusErr != nil {
			return h, statusErr
		}
		h.sizes = append(h.sizes, s)
		if err != nil {
			break
		}
	}
	_, err = cl.Get(ctx, "load/0000", clientv3.WithRev(2))
	h.read = word(err)
	h.watcher, err = firstOfWatch(ctx, cl)
	return h, err
}

// firstOfWatch is what a watch from revision 2 is told first.
func firstOfWatch(ctx context.Context, cl *clientv3.Client) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for answer := range cl.Watch(ctx, "load/", clientv3.WithPrefix(), clientv3.WithRev(2)) {
		if err := answer.Err(); err != nil {
			return word(err), nil
		}
		if len(answer.Events) > 0 {
			return "events", nil
		}
	}
	return "", errors.Join(ctx.Err(), errors.New("the watch ended"))
}

// chartOfReuse draws both files over the rounds.
func chartOfReuse(without, with history) chart.Chart {
	line := func(name string, h history, of func(cluster.StoreStatus) sim.Size) chart.Series {
		s := chart.Series{Name: name, Marks: true}
		for i, at := range h.sizes {
			s.Points = append(s.Points, chart.XY{X: float64(i + 1), Y: lessons.MiB(of(at))})
		}
		return s
	}
	file := func(s cluster.StoreStatus) sim.Size { return s.Size }
	return chart.Chart{
		Name: "rounds", Title: "Compaction does not shrink the file: it stops its growth",
		Subtitle: "200 keys of 8 KiB overwritten round after round, in a store that is never compacted and one compacted " +
			"after each round",
		About: "The size of each store's file after each round, and the part of the compacted one in use right after its " +
			"compaction. The first store stops at the quota.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "rounds", Whole: true}, Y: chart.Axis{Label: "size (MiB)", Min: 0, Max: 14},
			Series: []chart.Series{
				line("file, never compacted", without, file), line("file, compacted", with, file),
				line("in use, compacted", with, func(s cluster.StoreStatus) sim.Size { return s.InUse }),
			},
			Across: []chart.Reference{{Name: "quota", At: lessons.MiB(reuseQuota)}},
		}},
	}
}
