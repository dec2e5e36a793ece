package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/storage"
)

// settingsRequest is how a cluster is run, and how long; its time is counted in minutes, for which
// nobody waits.
type settingsRequest struct {
	Compaction int  `json:"compaction"` // minutes, 0 for never
	EventTTL   int  `json:"event_ttl"`  // minutes
	Lease      bool `json:"lease"`      // kubelets write heartbeats to a Lease, otherwise to the Node
	Heartbeat  int  `json:"heartbeat"`  // seconds between two of a node

	Minutes int `json:"minutes"`
	Nodes   int `json:"nodes"`
	Events  int `json:"events"` // new ones in a minute
	Away    int `json:"away"`   // minutes that a watch must be able to go back
}

// settingsResult is how it went.
type settingsResult struct {
	Sizes []sizeAt `json:"sizes"` // for each minute
	// Refused is the minute in which the first write was refused because the store is full, 0 if none was.
	Refused int `json:"refused"`
	// Tried and Resumed are how often a watch that was away tried to go on, and could. Whole tells that
	// each was told of all that it had missed.
	Tried   int  `json:"tried"`
	Resumed int  `json:"resumed"`
	Whole   bool `json:"whole"`
	Oldest  int  `json:"oldest"`  // minutes: the age of the oldest Event in the end
	History int  `json:"history"` // minutes: how far back old revisions can be read in the end
	Beats   int  `json:"beats"`   // heartbeats of a node in gracePeriod
}

// gracePeriod is how many seconds a node may be silent before kube-controller-manager considers it dead:
// the default of --node-monitor-grace-period, 40 before Kubernetes 1.32.
const gracePeriod = 50

type sizeAt struct {
	Minute int   `json:"minute"`
	InUse  int64 `json:"in_use"`
	File   int64 `json:"file"`
}

// settings runs a cluster for an hour of its own time.
func settings(ctx context.Context, t *talk) (any, error) {
	q := t.request.Settings
	if q == nil {
		return nil, fmt.Errorf(`the request has no "settings"`)
	}
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	h, err := s.begin(ctx, q)
	if err != nil {
		return nil, err
	}
	for m := 1; m <= q.Minutes && h.found.Refused == 0; m++ {
		if m%10 == 0 {
			if err := t.say(fmt.Sprintf("minute %d of %d", m, q.Minutes)); err != nil {
				return nil, err
			}
		}
		err := h.minute(ctx, m)
		if errors.Is(err, rpctypes.ErrNoSpace) {
			h.found.Refused = m
		} else if err != nil {
			return nil, err
		}
	}
	return h.end(ctx)
}

// hour is a cluster that is run.
type hour struct {
	*server
	q        *settingsRequest
	watcher  watcher
	events   storage.Interface
	beat     resource // what heartbeats are written to
	beats    storage.Interface
	renew    func(o runtime.Object, at time.Time)
	compact  compaction
	versions []string // of the Pod that changes once a minute
	found    settingsResult
}

// begin creates what there is before the first minute.
func (s *server) begin(ctx context.Context, q *settingsRequest) (*hour, error) {
	h := &hour{server: s, q: q, beat: nodes, renew: report}
	if q.Lease {
		h.beat, h.renew = leases, renew
	}
	h.found.Beats, h.found.Whole = gracePeriod/q.Heartbeat, true
	stores := map[string]storage.Interface{}
	for _, r := range []resource{pods, eventNotes, nodes, leases} {
		store, err := s.store(r, nil)
		if err != nil {
			return nil, err
		}
		stores[r.Resource] = store
	}
	h.watcher, h.events, h.beats = watcher{stores["pods"]}, stores["events"], stores[h.beat.Resource]
	for i := range q.Nodes {
		name := fmt.Sprintf("node-%d", i)
		err := errors.Join(
			stores["nodes"].Create(ctx, nodes.key("", name), node(name, images), nil, 0),
			stores["leases"].Create(ctx, leases.key("kube-node-lease", name), nodeLease(name), nil, 0))
		if err != nil {
			return nil, err
		}
	}
	p := &corev1.Pod{}
	if err := h.watcher.store.Create(ctx, h.watcher.key(0), pod("default", podName(0)), p, 0); err != nil {
		return nil, err
	}
	h.versions = []string{p.ResourceVersion}
	return h, nil
}

// minute is a minute of the cluster.
func (h *hour) minute(ctx context.Context, m int) error {
	if err := h.load(ctx, m); err != nil {
		return err
	}
	if err := h.expire(ctx, m-h.q.EventTTL); err != nil {
		return err
	}
	v, err := change(ctx, h.watcher.store, pods, h.watcher.key(0), label("minute", m))
	if err != nil {
		return err
	}
	h.versions = append(h.versions, v)
	if h.q.Compaction > 0 && m%h.q.Compaction == 0 {
		if err := h.compact.compact(ctx, h.etcd); err != nil {
			return err
		}
	}
	st, err := h.etcd.Status(ctx, h.endpoints[0])
	if err != nil {
		return err
	}
	h.found.Sizes = append(h.found.Sizes, sizeAt{m, st.DbSizeInUse, st.DbSize})
	return h.resume(ctx, m)
}

// load is what is written in a minute, by every node and by those who write Events, side by side.
func (h *hour) load(ctx context.Context, m int) error {
	errs := make([]error, h.q.Nodes+1)
	var work sync.WaitGroup
	for n := range h.q.Nodes {
		work.Go(func() {
			key := nodes.key("", fmt.Sprintf("node-%d", n))
			if h.q.Lease {
				key = leases.key("kube-node-lease", fmt.Sprintf("node-%d", n))
			}
			for at := (m - 1) * 60; at < m*60 && errs[n] == nil; at++ {
				if at%h.q.Heartbeat == 0 {
					_, errs[n] = change(ctx, h.beats, h.beat, key, func(o runtime.Object) { h.renew(o, time.Unix(int64(at), 0)) })
				}
			}
		})
	}
	work.Go(func() { errs[h.q.Nodes] = createEvents(ctx, h.events, minuteOf(m), 0, h.q.Events, 8) })
	work.Wait()
	return errors.Join(errs...)
}

// minuteOf is the namespace of a minute's Events.
func minuteOf(m int) string { return fmt.Sprintf("minute-%d", m) }

// expire ends the Events of a minute, all in one revision, as the end of the lease does that they share
// in etcd. Real leases would take real time.
func (h *hour) expire(ctx context.Context, m int) error {
	if m < 1 {
		return nil
	}
	_, err := h.etcd.Delete(ctx, root+eventNotes.key(minuteOf(m), ""), clientv3.WithPrefix())
	return err
}

// resume is a watch that was away and goes on.
func (h *hour) resume(ctx context.Context, m int) error {
	if m < h.q.Away {
		return nil
	}
	h.found.Tried++
	heard, err := h.watcher.from(ctx, h.versions[m-h.q.Away], h.q.Away)
	if apierrors.IsResourceExpired(err) {
		return nil
	}
	h.found.Resumed++
	h.found.Whole = h.found.Whole && len(heard) == h.q.Away
	return err
}

// end looks how old the oldest Events and the oldest revisions are.
func (h *hour) end(ctx context.Context) (*settingsResult, error) {
	now := len(h.versions) - 1
	for m, v := range h.versions {
		rev, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, err
		}
		_, err = h.etcd.Get(ctx, root+h.watcher.key(0), clientv3.WithRev(rev), clientv3.WithCountOnly())
		if errors.Is(err, rpctypes.ErrCompacted) {
			continue
		} else if err != nil {
			return nil, err
		}
		h.found.History = now - m
		break
	}
	for m := 1; m <= now; m++ {
		r, err := h.etcd.Get(ctx, root+eventNotes.key(minuteOf(m), ""), clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			return nil, err
		}
		if r.Count > 0 {
			h.found.Oldest = now - m
			break
		}
	}
	return &h.found, nil
}
