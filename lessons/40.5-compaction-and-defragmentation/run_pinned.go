package compactionanddefragmentation

import (
	"context"
	"errors"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Two hundred keys of 16 KiB are overwritten so often.
const (
	pinnedKeys   = 200
	pinnedValue  = 16 << 10
	pinnedRounds = 5
)

// runPinned overwrites keys, with a compaction behind each round, while a client does not
// read its snapshot of n1 to the end.
func runPinned(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, lessons.WithClient(ctx, members(2, 0), func(ctx context.Context, c *cluster.Real,
		cl *clientv3.Client) error {
		if _, err := overwrite(ctx, cl, pinnedKeys, pinnedKeys, pinnedValue); err != nil {
			return err
		}
		env.Say("a client starts reading a snapshot of n1, and stops")
		release, err := hold(ctx, c.Member(1))
		if err != nil {
			return err
		}
		defer release()
		sizes, err := roundsOfBoth(ctx, env, c, cl)
		if err != nil {
			return err
		}
		last := sizes[len(sizes)-1]
		o.Measure("held", float64(last[0].Size), sim.Bytes, "size of n1's file, which is being read")
		o.Measure("free", float64(last[1].Size), sim.Bytes, "size of n2's file, which is not")
		o.Tell("grows", map[bool]string{true: "only n1", false: "both alike"}[last[0].Size > last[1].Size*5/4],
			"whose file grows, round after round")
		env.Say("n1 is defragmented, and the client lets go after a second")
		how, err := defragHeld(ctx, c, release)
		if err != nil {
			return err
		}
		o.Tell("defrag.held", how, "a defragmentation of n1 while the client holds its snapshot")
		after, err := c.StoreStatus(ctx, 1)
		if err != nil {
			return err
		}
		o.Measure("released", float64(after.Size), sim.Bytes, "size of n1's file after the client has let go")
		o.Tell("defrag.released", map[bool]string{true: "done", false: "no smaller"}[after.Size < last[0].Size*3/4],
			"that defragmentation after the client has let go")
		return o.Draw(chartOfPinned(sizes))
	})
}

// hold begins to read a snapshot on a connection of its own with the least window, and does
// not go on. release ends it, and may be called again.
func hold(ctx context.Context, m *cluster.Member) (release func(), err error) {
	cl, err := clientv3.New(clientv3.Config{
		Endpoints: []string{m.ClientURL()}, Logger: zap.NewNop(),
		DialOptions: []grpc.DialOption{grpc.WithInitialWindowSize(64 << 10), grpc.WithInitialConnWindowSize(64 << 10)},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r, err := cl.Snapshot(ctx)
	release = func() {
		cancel()
		if r != nil {
			_ = r.Close() // the client's goroutine behind it waits for a reader
		}
		_ = cl.Close() // it says that its context is done
	}
	if err == nil {
		_, err = r.Read(make([]byte, 1))
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// roundsOfBoth returns both members' sizes at the start and behind each round.
func roundsOfBoth(ctx context.Context, env *lessons.Env, c *cluster.Real,
	cl *clientv3.Client) (sizes [][2]cluster.StoreStatus, err error) {
	for round := range pinnedRounds + 1 {
		if round > 0 {
			env.Say("round %d of %d: overwrite and compact", round, pinnedRounds)
			if _, err := overwrite(ctx, cl, pinnedKeys, pinnedKeys, pinnedValue); err != nil {
				return nil, err
			}
			if err := c.Compact(ctx, 0); err != nil {
				return nil, err
			}
		}
		var both [2]cluster.StoreStatus
		for i := range both {
			if both[i], err = c.StoreStatus(ctx, sim.MemberID(i+1)); err != nil {
				return nil, err
			}
		}
		sizes = append(sizes, both)
	}
	return sizes, nil
}

// defragHeld begins a defragmentation, looks whether it waits, and lets the client go.
func defragHeld(ctx context.Context, c *cluster.Real, release func()) (string, error) {
	done := make(chan error, 1)
	go func() { done <- c.Defrag(ctx, 1) }()
	select {
	case err := <-done:
		return "done", err
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	release()
	select {
	case err := <-done:
		return "waits", err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), <-done)
	}
}

// chartOfPinned draws both files.
func chartOfPinned(sizes [][2]cluster.StoreStatus) chart.Chart {
	held, free := chart.Series{Name: "n1, a client holds a snapshot", Marks: true}, chart.Series{Name: "n2", Marks: true}
	for i, s := range sizes {
		held.Points = append(held.Points, chart.XY{X: float64(i), Y: lessons.MiB(s[0].Size)})
		free.Points = append(free.Points, chart.XY{X: float64(i), Y: lessons.MiB(s[1].Size)})
	}
	return chart.Chart{
		Name: "pinned-pages", Title: "A reader that never finishes prevents reuse of freed pages",
		Subtitle: "200 keys of 16 KiB overwritten and compacted, round after round; the members apply the same writes",
		About:    "The file of the member whose snapshot a client started to read, and the other member's file.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "rounds", Whole: true}, Y: chart.Axis{Label: "database file (MiB)"},
			Series: []chart.Series{held, free},
		}},
	}
}
