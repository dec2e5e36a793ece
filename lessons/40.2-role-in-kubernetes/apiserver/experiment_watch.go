package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/etcd3"
)

// watchesResult is what a client heard that lists, watches, goes away and comes back.
type watchesResult struct {
	Listed  int       `json:"listed"`
	Version string    `json:"version"` // of the list
	Live    []heardOf `json:"live"`    // what the watch from that version on was told
	Missed  int       `json:"missed"`  // changes while the client was away
	Resumed int       `json:"resumed"` // of these, told when it watched from its last version on
	Ordered bool      `json:"ordered"` // in the order of their versions
	// History is, for each minute, how old the oldest version is that a watch can go on from.
	History []history `json:"history"`
	// What a client hears whose version is older: its watch, a list of just that version, and the
	// second page of a list whose first it has.
	Watch reason `json:"watch"`
	List  reason `json:"list"`
	Page  reason `json:"page"`
	// Again is what it hears when it lists anew and watches from there.
	Again reason `json:"again"`
}

type heardOf struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

type history struct {
	Minute int `json:"minute"`
	Oldest int `json:"oldest"` // minutes
}

// The time of the history is counted in minutes, of each of which there is one change; nothing waits
// for them. Every five of them are followed by what a kube-apiserver does every 5 minutes.
const (
	minutes      = 22
	compactEvery = 5
)

// watches lists and watches Pods.
func watches(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	store, err := s.store(pods, nil)
	if err != nil {
		return nil, err
	}
	found, w := &watchesResult{}, &watcher{store: store}
	for i := range 5 {
		if err := w.store.Create(ctx, w.key(i), pod("default", podName(i)), nil, 0); err != nil {
			return nil, err
		}
	}
	if err := w.comeAndGo(ctx, found); err != nil {
		return nil, err
	}
	if err := t.say(fmt.Sprintf("%d minutes of changes, with a compaction every %d", minutes, compactEvery)); err != nil {
		return nil, err
	}
	return found, w.age(ctx, s.etcd, found)
}

// watcher is a client of the API server.
type watcher struct{ store storage.Interface }

func podName(i int) string       { return fmt.Sprintf("web-%d", i) }
func (watcher) key(i int) string { return pods.key("default", podName(i)) }
func number(rv string) (n int64) { _, _ = fmt.Sscan(rv, &n); return n }

// list lists the Pods and gives the list's version.
func (w watcher) list(ctx context.Context, o storage.ListOptions) (*corev1.PodList, error) {
	l := &corev1.PodList{}
	return l, w.store.GetList(ctx, pods.prefix, o, l)
}

// from watches from a version on until it has heard of n changes, or of an error.
func (w watcher) from(ctx context.Context, version string, n int) (heard []heardOf, err error) {
	in, err := w.store.Watch(ctx, pods.prefix, everything(version))
	if err != nil {
		return nil, err
	}
	defer in.Stop()
	for len(heard) < n {
		e, err := next(ctx, in)
		if err != nil {
			return heard, err
		}
		heard = append(heard, e)
	}
	return heard, nil
}

// next is the next change that a watch tells. The error is what it tells instead.
func next(ctx context.Context, in watch.Interface) (heardOf, error) {
	select {
	case e, ok := <-in.ResultChan():
		switch {
		case !ok:
			return heardOf{}, errors.New("the watch ended")
		case e.Type == watch.Error:
			return heardOf{}, apierrors.FromObject(e.Object)
		}
		o := e.Object
		if shared, ok := o.(runtime.CacheableObject); ok { // the cache encodes an object once for all watches
			o = shared.GetObject()
		}
		p, ok := o.(*corev1.Pod)
		if !ok {
			return heardOf{}, fmt.Errorf("the watch on Pods returned a %T", o)
		}
		return heardOf{string(e.Type), p.Name, p.ResourceVersion}, nil
	case <-ctx.Done():
		return heardOf{}, ctx.Err()
	}
}

// comeAndGo watches what happens, misses something and goes on where it was.
func (w watcher) comeAndGo(ctx context.Context, found *watchesResult) error {
	l, err := w.list(ctx, everything(""))
	if err != nil {
		return err
	}
	found.Listed, found.Version = len(l.Items), l.ResourceVersion
	if err := w.happen(ctx, 0); err != nil {
		return err
	}
	if found.Live, err = w.from(ctx, found.Version, 3); err != nil {
		return err
	}
	for i := range 2 { // while nobody watches
		if err := w.happen(ctx, i+1); err != nil {
			return err
		}
	}
	found.Missed = 6
	missed, err := w.from(ctx, found.Live[2].Version, found.Missed)
	found.Resumed, found.Ordered = len(missed), true
	for i := 1; i < len(missed); i++ {
		found.Ordered = found.Ordered && number(missed[i-1].Version) < number(missed[i].Version)
	}
	return err
}

// happen is a change of each kind.
func (w watcher) happen(ctx context.Context, round int) error {
	if err := w.store.Create(ctx, w.key(5+round), pod("default", podName(5+round)), nil, 0); err != nil {
		return err
	}
	if err := w.edit(ctx, 0, round); err != nil {
		return err
	}
	return w.store.Delete(ctx, w.key(5+round), &corev1.Pod{}, nil, storage.ValidateAllObjectFunc, nil,
		storage.DeleteOptions{})
}

func (w watcher) edit(ctx context.Context, i, v int) error {
	_, err := change(ctx, w.store, pods, w.key(i), label("v", v))
	return err
}

// age lets time go by and sees from where a watch can go on.
func (w watcher) age(ctx context.Context, etcd *clientv3.Client, found *watchesResult) error {
	first, err := w.list(ctx, storage.ListOptions{Recursive: true, Predicate: page("")})
	if err != nil {
		return err
	}
	var c compaction
	versions := []string{first.ResourceVersion}
	for m := 1; m <= minutes; m++ {
		v, err := change(ctx, w.store, pods, w.key(0), label("minute", m))
		if err != nil {
			return err
		}
		versions = append(versions, v)
		if m%compactEvery == 0 {
			if err := c.compact(ctx, etcd); err != nil {
				return err
			}
		}
		oldest, err := w.oldest(ctx, versions)
		if err != nil {
			return err
		}
		found.History = append(found.History, history{m, oldest})
	}
	return w.late(ctx, first, found)
}

// oldest is how many minutes back the oldest version is from which a watch hears of everything since.
// It tries all versions at once, since etcd serves watches of the past together, every 100 ms.
func (w watcher) oldest(ctx context.Context, versions []string) (int, error) {
	now := len(versions) - 1
	errs := make([]error, now)
	var work sync.WaitGroup
	for i := range now {
		work.Go(func() { _, errs[i] = w.from(ctx, versions[now-1-i], i+1) })
	}
	work.Wait()
	for i, err := range errs {
		if apierrors.IsResourceExpired(err) {
			return i, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return now, nil
}

// compaction is the state of the API server's compaction.
type compaction struct{ time, revision int64 }

// compact is what a kube-apiserver does at the end of each of its intervals: it drops what was old
// at the end of the last one.
func (c *compaction) compact(ctx context.Context, etcd *clientv3.Client) (err error) {
	c.time, c.revision, _, err = etcd3.Compact(ctx, etcd, c.time, c.revision)
	return err
}

// late is a client whose version is too old.
func (w watcher) late(ctx context.Context, first *corev1.PodList, found *watchesResult) error {
	_, err := w.from(ctx, first.ResourceVersion, 1)
	found.Watch = answer(err)
	exact := everything(first.ResourceVersion)
	exact.ResourceVersionMatch = metav1.ResourceVersionMatchExact
	_, err = w.list(ctx, exact)
	found.List = answer(err)
	_, err = w.list(ctx, storage.ListOptions{Recursive: true, Predicate: page(first.Continue)})
	found.Page = answer(err)
	l, err := w.list(ctx, everything(""))
	if err != nil {
		return err
	}
	if err := w.edit(ctx, 0, minutes); err != nil {
		return err
	}
	_, err = w.from(ctx, l.ResourceVersion, 1)
	found.Again = answer(err)
	return nil
}

// page is a page of a list, of two objects.
func page(after string) storage.SelectionPredicate {
	return storage.SelectionPredicate{Label: labels.Everything(), Field: fields.Everything(), Limit: 2, Continue: after}
}
