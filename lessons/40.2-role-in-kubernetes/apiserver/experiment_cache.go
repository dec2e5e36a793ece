package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
)

// cacheResult is what etcd does for the clients of a kube-apiserver, with its watch cache and without.
type cacheResult struct {
	Pods    int       `json:"pods"`
	Lists   []listing `json:"lists"`
	Watches []fanOut  `json:"watches"`
}

// listing is a list of all Pods, made again and again.
type listing struct {
	Source string    `json:"source"`
	Lists  int       `json:"lists"`
	Items  int       `json:"items"`  // that the last one had
	Reads  float64   `json:"reads"`  // that etcd answered for all
	Sent   float64   `json:"sent"`   // bytes, by etcd
	Millis []float64 `json:"millis"` // each took
}

// fanOut is watches of all Pods, and what one change costs etcd then.
type fanOut struct {
	Way      string  `json:"way"`
	Clients  int     `json:"clients"`
	Watchers float64 `json:"watchers"` // that etcd has more than before
	Events   float64 `json:"events"`   // that etcd tells of one change of a Pod
	Heard    int     `json:"heard"`    // clients that were told of it
}

const (
	cachedPods = 500
	listsEach  = 40
)

// cacheUse lists and watches Pods through the watch cache and past it.
func cacheUse(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	store, err := s.store(pods, nil)
	if err != nil {
		return nil, err
	}
	for i := range cachedPods {
		if err := store.Create(ctx, pods.key("load", podName(i)), pod("load", podName(i)), nil, 0); err != nil {
			return nil, err
		}
	}
	cache, err := s.cached(ctx, pods, store)
	if err != nil {
		return nil, err
	}
	u := &use{server: s, direct: store, cache: cache, found: &cacheResult{Pods: cachedPods}}
	if err := u.lists(ctx, t); err != nil {
		return nil, err
	}
	return u.found, u.watches(ctx, t)
}

type use struct {
	*server
	direct, cache storage.Interface
	found         *cacheResult
}

// lists lists from each source.
func (u *use) lists(ctx context.Context, t *talk) error {
	for _, l := range []struct {
		source, version string
		from            storage.Interface
	}{
		{"etcd", "", u.direct}, {"cache, consistent", "", u.cache}, {"cache, resourceVersion 0", "0", u.cache},
	} {
		if err := t.say(fmt.Sprintf("%d lists of %d Pods from %s", listsEach, cachedPods, l.source)); err != nil {
			return err
		}
		n := listing{Source: l.source, Lists: listsEach}
		before, err := u.traffic(ctx)
		if err != nil {
			return err
		}
		for range listsEach {
			all, begin := &corev1.PodList{}, time.Now()
			if err := l.from.GetList(ctx, pods.prefix, everything(l.version), all); err != nil {
				return err
			}
			n.Millis = append(n.Millis, float64(time.Since(begin).Microseconds())/1000)
			n.Items = len(all.Items)
		}
		after, err := u.traffic(ctx)
		if err != nil {
			return err
		}
		n.Reads, n.Sent = after.Reads-before.Reads, after.Sent-before.Sent
		u.found.Lists = append(u.found.Lists, n)
	}
	return nil
}

// watches opens watches and has one Pod change. It begins when etcd has the cache's own watcher.
func (u *use) watches(ctx context.Context, t *talk) error {
	if err := u.settled(ctx, 1); err != nil {
		return err
	}
	for _, w := range []struct {
		way     string
		from    storage.Interface
		clients int
		expect  float64
	}{
		{"through the cache", u.cache, 1, 0}, {"through the cache", u.cache, 10, 0}, {"through the cache", u.cache, 100, 0},
		{"straight to etcd", u.direct, 1, 1}, {"straight to etcd", u.direct, 10, 10},
		{"straight to etcd", u.direct, 100, 100},
	} {
		if err := t.say(fmt.Sprintf("%d watches %s", w.clients, w.way)); err != nil {
			return err
		}
		f, err := u.fan(ctx, w.from, w.clients, w.expect)
		if err != nil {
			return err
		}
		f.Way = w.way
		u.found.Watches = append(u.found.Watches, f)
	}
	return nil
}

// fan opens watches, which is done when etcd has as many more watchers as expected, and if they are
// fewer, when every client hears of a change.
func (u *use) fan(ctx context.Context, from storage.Interface, clients int, expect float64) (f fanOut, err error) {
	f.Clients = clients
	before, err := u.traffic(ctx)
	if err != nil {
		return f, err
	}
	now, err := u.revision(ctx)
	if err != nil {
		return f, err
	}
	var ws []watch.Interface
	defer func() {
		for _, w := range ws {
			w.Stop()
		}
	}()
	for range clients {
		w, err := from.Watch(ctx, pods.prefix, everything(fmt.Sprint(now)))
		if err != nil {
			return f, err
		}
		ws = append(ws, w)
	}
	if err := u.settled(ctx, before.Watchers+expect); err != nil {
		return f, err
	}
	if f, err = u.tell(ctx, f, ws, before); err != nil {
		return f, err
	}
	for _, w := range slices.Backward(ws) {
		w.Stop()
	}
	ws = nil
	return f, u.settled(ctx, before.Watchers)
}

// tell changes a Pod and counts who hears of it.
func (u *use) tell(ctx context.Context, f fanOut, ws []watch.Interface, before traffic) (fanOut, error) {
	open, err := u.traffic(ctx)
	if err != nil {
		return f, err
	}
	f.Watchers = open.Watchers - before.Watchers
	if _, err := change(ctx, u.direct, pods, pods.key("load", podName(0)),
		label("fan", f.Clients+int(f.Watchers)*1000)); err != nil {
		return f, err
	}
	for _, w := range ws {
		if _, err := next(ctx, w); err != nil {
			return f, err
		}
		f.Heard++
	}
	// The cache, too, has heard of it when it has answered a list that must be current.
	if err := u.cache.GetList(ctx, pods.prefix, everything(""), &corev1.PodList{}); err != nil {
		return f, err
	}
	after, err := u.traffic(ctx)
	f.Events = after.Events - open.Events
	return f, err
}

// settled waits until etcd has that many watchers.
func (u *use) settled(ctx context.Context, watchers float64) error {
	return until(ctx, func() (bool, error) {
		now, err := u.traffic(ctx)
		return now.Watchers == watchers, err
	})
}
