package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/storage"
	storageerrors "k8s.io/apiserver/pkg/storage/errors"
)

// conflictsResult is what came of writers that meet.
type conflictsResult struct {
	Twice  reason     `json:"twice"`  // creating an object that exists
	First  reason     `json:"first"`  // the first of two updates that hold the same version
	Second reason     `json:"second"` // the second
	Blind  reason     `json:"blind"`  // an update without a version, from the same old copy
	Counts []counting `json:"counts"`
}

// counting is writers that add to one counter at the same time.
type counting struct {
	Way          string  `json:"way"`
	Writers      int     `json:"writers"`
	Asked        int     `json:"asked"`        // increments
	Acknowledged int     `json:"acknowledged"` // that their writer was told are done
	Refused      int     `json:"refused"`      // by 409
	Kept         int     `json:"kept"`         // what the counter says in the end
	Tries        int64   `json:"tries"`        // of reading, adding and writing
	Millis       float64 `json:"millis"`
}

// increments is how many are asked for, however many the writers are.
const increments = 120

// conflicts has writers meet on one Pod.
func conflicts(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	store, err := s.store(pods, nil)
	if err != nil {
		return nil, err
	}
	found, c := &conflictsResult{}, counter{store, pods.key("default", "web-0")}
	if err := c.meet(ctx, found); err != nil {
		return nil, err
	}
	for _, way := range []string{naive, checked, guaranteed} {
		for _, writers := range []int{1, 2, 4, 8} {
			if err := t.say(fmt.Sprintf("%d increments, %s, by %d writers", increments, way, writers)); err != nil {
				return nil, err
			}
			n, err := c.count(ctx, way, writers)
			if err != nil {
				return nil, err
			}
			found.Counts = append(found.Counts, n)
		}
	}
	return found, nil
}

// counter is a Pod in whose label n is counted.
type counter struct {
	store storage.Interface
	key   string
}

// meet has two writers hold the same copy.
func (c counter) meet(ctx context.Context, found *conflictsResult) error {
	if err := c.store.Create(ctx, c.key, pod("default", "web-0"), nil, 0); err != nil {
		return err
	}
	again := c.store.Create(ctx, c.key, pod("default", "web-0"), nil, 0)
	found.Twice = answer(storageerrors.InterpretCreateError(again, pods.GroupResource, "web-0"))
	copied, err := c.get(ctx)
	if err != nil {
		return err
	}
	put := func(v int, check bool) reason {
		p := copied.DeepCopy()
		p.Labels["n"] = strconv.Itoa(v)
		return answer(c.put(ctx, p, check))
	}
	found.First, found.Second, found.Blind = put(1, true), put(2, true), put(3, false)
	return nil
}

func (c counter) get(ctx context.Context) (*corev1.Pod, error) {
	p := &corev1.Pod{}
	return p, c.store.Get(ctx, c.key, storage.GetOptions{}, p)
}

// put is PUT: the whole object in place of the old one, and with check only if that still has the
// version that was read. The error is the API server's.
func (c counter) put(ctx context.Context, p *corev1.Pod, check bool) error {
	var must *storage.Preconditions
	if check {
		must = &storage.Preconditions{ResourceVersion: &p.ResourceVersion}
	}
	err := c.store.GuaranteedUpdate(ctx, c.key, &corev1.Pod{}, false, must,
		func(in runtime.Object, _ storage.ResponseMeta) (runtime.Object, *uint64, error) {
			out := p.DeepCopy()
			out.ResourceVersion = in.(*corev1.Pod).ResourceVersion
			return out, nil, nil
		}, nil)
	return storageerrors.InterpretUpdateError(err, pods.GroupResource, p.Name)
}

// The ways to add one.
const (
	naive      = "put"            // read, add, and write without a version
	checked    = "put-if-version" // with the version that was read; a 409 is taken for an answer
	guaranteed = "retry"          // as the API server's own GuaranteedUpdate: on a conflict once more
)

// count has writers share the increments.
func (c counter) count(ctx context.Context, way string, writers int) (counting, error) {
	n := counting{Way: way, Writers: writers, Asked: increments}
	if _, err := change(ctx, c.store, pods, c.key, label("n", 0)); err != nil {
		return n, err
	}
	var told, refused, tries atomic.Int64
	errs := make([]error, writers)
	var work sync.WaitGroup
	begin := time.Now()
	for w := range writers {
		work.Go(func() {
			for range increments / writers {
				switch err := c.increment(ctx, way, &tries); {
				case err == nil:
					told.Add(1)
				case answer(err).Code == 409:
					refused.Add(1)
				default:
					errs[w] = err
					return
				}
			}
		})
	}
	work.Wait()
	n.Millis = float64(time.Since(begin).Microseconds()) / 1000
	if err := errors.Join(errs...); err != nil {
		return n, err
	}
	last, err := c.get(ctx)
	if err != nil {
		return n, err
	}
	n.Acknowledged, n.Refused, n.Tries = int(told.Load()), int(refused.Load()), tries.Load()
	n.Kept, err = strconv.Atoi(last.Labels["n"])
	return n, err
}

func (c counter) increment(ctx context.Context, way string, tries *atomic.Int64) error {
	if way == guaranteed {
		_, err := change(ctx, c.store, pods, c.key, func(o runtime.Object) {
			tries.Add(1)
			add(o.(*corev1.Pod))
		})
		return err
	}
	tries.Add(1)
	p, err := c.get(ctx)
	if err != nil {
		return err
	}
	add(p)
	return c.put(ctx, p, way == checked)
}

func add(p *corev1.Pod) {
	n, _ := strconv.Atoi(p.Labels["n"]) // absent is 0
	label("n", n+1)(p)
}
