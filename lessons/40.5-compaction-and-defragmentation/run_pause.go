package compactionanddefragmentation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// The database grows to these many keys of 64 KiB, and is defragmented at each size.
var pauseKeys = []int{32, 96, 192}

const pauseValue = 64 << 10

// leastFile is what the values of the largest database take, without their keys and the rest of their pages.
var leastFile = (sim.Size(pauseKeys[len(pauseKeys)-1]) * pauseValue).String()

// probed is one put of a probe.
type probed struct{ from, to time.Time }

// pause is a defragmentation and the puts around it.
type pause struct {
	size     sim.Size // of the file before
	took     time.Duration
	worst    map[sim.MemberID]time.Duration // the longest put that touched it, by the member that was asked
	answered map[sim.MemberID]int           // puts that were begun and answered within it
}

// runPause defragments a follower at three sizes, and then the leader.
func runPause(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, lessons.WithClient(ctx, members(3, 0), func(ctx context.Context, c *cluster.Real,
		cl *clientv3.Client) error {
		leader, err := lead(ctx, c, 1)
		if err != nil {
			return err
		}
		var ps []pause
		have := 0
		for _, keys := range pauseKeys {
			env.Say("a follower is defragmented, with %d keys of 64 KiB", keys)
			if err := grow(ctx, cl, have, keys); err != nil {
				return err
			}
			have = keys
			p, err := measurePause(ctx, c, 2, keys)
			if err != nil {
				return err
			}
			ps = append(ps, p)
		}
		env.Say("the leader is defragmented")
		led, err := measurePause(ctx, c, leader, have)
		if err != nil {
			return err
		}
		tellPauses(o, ps, led)
		env.Say("who answers while a member can't finish its defragmentation")
		for _, q := range []struct {
			fact string
			id   sim.MemberID
		}{{"serves", 2}, {"leader.serves", leader}} {
			who, err := whoServes(ctx, c, q.id)
			if err != nil {
				return err
			}
			o.Tell(q.fact, who, fmt.Sprintf("who answers while %s is defragmented and n1 leads", c.Member(q.id).Name))
		}
		return o.Draw(chartOfPauses(ps, led))
	})
}

// lead makes a member the leader.
func lead(ctx context.Context, c *cluster.Real, id sim.MemberID) (sim.MemberID, error) {
	return id, lessons.Until(ctx, func() (bool, error) {
		m := c.Leader()
		switch {
		case m == nil:
			return false, ctx.Err()
		case m.ID == id:
			return true, nil
		}
		return false, errors.Join(moveLeader(ctx, c, m.ID, id), ctx.Err())
	})
}

// moveLeader asks the leader to hand over.
func moveLeader(ctx context.Context, c *cluster.Real, from, to sim.MemberID) error {
	cl, err := c.Client(from)
	if err != nil {
		return err
	}
	defer cl.Close()
	return c.MoveLeader(ctx, cl, to)
}

// grow writes the keys from one number to another.
func grow(ctx context.Context, cl *clientv3.Client, from, to int) error {
	const atOnce = 4
	value := string(make([]byte, pauseValue))
	errs := make([]error, atOnce)
	var work sync.WaitGroup
	for w := range atOnce {
		work.Go(func() {
			for i := from + w; i < to && errs[w] == nil; i += atOnce {
				errs[w] = lessons.Until(ctx, func() (bool, error) { // a busy disk may take longer than etcd waits
					_, err := cl.Put(ctx, fmt.Sprintf("load/%04d", i), value)
					return err == nil, ctx.Err()
				})
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// allStored waits until so many keys are in the member's file. That they were acknowledged does not say it:
// another member may have done so, and a member tells the size that its file had when the last batch of
// writes was committed, which etcd does ten times a second, and less often when the disk is busy. A file
// that holds them all is larger than their values together.
func allStored(ctx context.Context, c *cluster.Real, id sim.MemberID, keys int) (s cluster.StoreStatus, err error) {
	err = lessons.Until(ctx, func() (stored bool, err error) {
		s, err = c.StoreStatus(ctx, id)
		return s.InUse >= sim.Size(keys)*pauseValue, err
	})
	return s, err
}

// measurePause defragments a member, which holds so many keys, while a client of each member puts without a
// break.
func measurePause(ctx context.Context, c *cluster.Real, id sim.MemberID, keys int) (p pause, err error) {
	s, err := allStored(ctx, c, id, keys)
	if err != nil {
		return p, err
	}
	p = pause{size: s.Size, worst: map[sim.MemberID]time.Duration{}, answered: map[sim.MemberID]int{}}
	probing, stop := context.WithCancel(ctx)
	defer stop()
	puts := make([][]probed, len(c.Members()))
	errs := make([]error, len(puts))
	var work sync.WaitGroup
	warm := make(chan struct{}, len(puts))
	for i, m := range c.Members() {
		work.Go(func() { puts[i], errs[i] = probe(probing, c, m.ID, warm) })
	}
	for range puts {
		select {
		case <-warm:
		case <-ctx.Done():
		}
	}
	begin := time.Now()
	err = c.Defrag(ctx, id)
	end := time.Now()
	p.took = end.Sub(begin)
	stop()
	work.Wait()
	for i, ps := range puts {
		p.count(sim.MemberID(i+1), ps, begin, end)
	}
	return p, errors.Join(append(errs, err)...)
}

// probe puts until ctx ends. A put that is under way then is finished, since it is what is
// looked for; one that etcd gives up counts as well, since somebody has waited. warm is told
// when the first is answered.
func probe(ctx context.Context, c *cluster.Real, id sim.MemberID, warm chan<- struct{}) (ps []probed, err error) {
	cl, err := c.Client(id)
	if err != nil {
		warm <- struct{}{}
		return nil, err
	}
	defer cl.Close()
	for i := 0; ctx.Err() == nil; i++ {
		p := probed{from: time.Now()}
		one, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		_, _ = cl.Put(one, fmt.Sprint("probe/", id), "") // how long it took is what matters
		cancel()
		p.to = time.Now()
		ps = append(ps, p)
		if i == 0 {
			warm <- struct{}{}
		}
	}
	return ps, nil
}

func (p *pause) count(id sim.MemberID, puts []probed, begin, end time.Time) {
	for _, q := range puts {
		if q.to.After(begin) && q.from.Before(end) {
			p.worst[id] = max(p.worst[id], q.to.Sub(q.from))
		}
		if q.from.After(begin) && q.to.Before(end) {
			p.answered[id]++
		}
	}
}

func tellPauses(o *lessons.Observations, ps []pause, led pause) {
	last := ps[len(ps)-1]
	o.Measure("file", float64(last.size), sim.Bytes, "size of the largest database")
	o.Measure("pause", sim.MillisOf(last.took), sim.Millis, "how long the follower took to defragment it")
	o.Measure("worst.self", sim.MillisOf(last.worst[2]), sim.Millis, "the longest put at the defragmented follower")
	o.Measure("worst.other", sim.MillisOf(max(last.worst[1], last.worst[3])), sim.Millis, "the longest put at the "+
		"others meanwhile")
	o.Measure("answered.self", float64(last.answered[2]), sim.Count, "puts that this follower answered meanwhile")
	o.Measure("answered.other", float64(last.answered[1]+last.answered[3]), sim.Count, "puts that the others answered "+
		"meanwhile")
	o.Measure("leader.answered.self", float64(led.answered[1]), sim.Count, "puts that the leader answered while it was "+
		"defragmented")
	o.Measure("leader.answered.other", float64(led.answered[2]+led.answered[3]), sim.Count, "puts that its followers "+
		"answered meanwhile")
}

// silence is how long a member is waited for that may not answer, and answersFirst how often
// it may answer before its rewriting has begun.
const (
	silence      = time.Second
	answersFirst = 20
)

// whoServes defragments a member that a client reads a snapshot from, so that it can't end
// before every member was asked: no luck is in it.
func whoServes(ctx context.Context, c *cluster.Real, id sim.MemberID) (who string, err error) {
	release, err := hold(ctx, c.Member(id))
	if err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- c.Defrag(ctx, id) }()
	defer func() {
		release()
		err = errors.Join(err, <-done)
	}()
	self := true
	for range answersFirst {
		if self, err = answers(ctx, c, id, silence); err != nil || !self {
			break
		}
	}
	if err != nil || self {
		return "all", err
	}
	for _, m := range c.Members() {
		if m.ID == id {
			continue
		}
		if ok, err := answers(ctx, c, m.ID, 10*silence); err != nil || !ok {
			return "nobody", err
		}
	}
	return "the others", nil
}

// answers tells whether a member answers a put in time. The error is ctx's.
func answers(ctx context.Context, c *cluster.Real, id sim.MemberID, within time.Duration) (bool, error) {
	cl, err := c.Client(id)
	if err != nil {
		return false, err
	}
	defer cl.Close()
	one, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	_, err = cl.Put(one, "probe", "")
	return err == nil, ctx.Err()
}
