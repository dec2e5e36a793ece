package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
)

// outageResult is what an API server answers while its etcd is there in part or not at all.
type outageResult struct {
	Phases []phase `json:"phases"`
	Pods   int     `json:"pods"` // that there were at first
}

// phase is what each request got while the cluster was in one state.
type phase struct {
	State   string  `json:"state"`
	Answers []reply `json:"answers"`
}

type reply struct {
	Request string  `json:"request"`
	Reason  string  `json:"reason"` // OK, no answer, or the API server's reason
	Why     string  `json:"why"`    // it is not OK
	Items   int     `json:"items"`  // of a list
	Millis  float64 `json:"millis"`
}

// patience is how long a request is waited for: with a quorum until it is answered, without as long
// as it takes to be sure. A kube-apiserver waits for 60 s.
const (
	patience = 20 * time.Second
	despair  = 2 * time.Second
)

// outage asks the same of the API server in each state of its etcd. Whoever runs the members brings the
// states about.
func outage(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	o, err := s.outage(ctx)
	if err != nil {
		return nil, err
	}
	for _, is := range []struct {
		state  string
		quorum bool
	}{{"3 of 3 up", true}, {"leader dead", true}, {"all dead", false}, {"all back", true}, {"1 of 3 up", false},
		{"all back again", true}} {
		if err := t.ask(ctx, is.state); err != nil {
			return nil, err
		}
		p, err := o.phase(ctx, is.state, is.quorum)
		if err != nil {
			return nil, err
		}
		o.found.Phases = append(o.found.Phases, p)
	}
	return o.found, nil
}

// customer asks for Pods.
type customer struct {
	cache storage.Interface
	watch watch.Interface // open from the beginning on
	found *outageResult
	made  int
}

const outagePods = 50

func (s *server) outage(ctx context.Context) (*customer, error) {
	store, err := s.store(pods, nil)
	if err != nil {
		return nil, err
	}
	for i := range outagePods {
		if err := store.Create(ctx, pods.key("default", podName(i)), pod("default", podName(i)), nil, 0); err != nil {
			return nil, err
		}
	}
	cache, err := s.cached(ctx, pods, store)
	if err != nil {
		return nil, err
	}
	w, err := cache.Watch(ctx, pods.prefix, everything(""))
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, w.Stop)
	for range outagePods {
		if _, err := next(ctx, w); err != nil {
			return nil, err
		}
	}
	return &customer{cache: cache, watch: w, found: &outageResult{Pods: outagePods}}, nil
}

// phase asks everything at once.
func (c *customer) phase(ctx context.Context, state string, quorum bool) (phase, error) {
	wait := despair
	if quorum {
		wait = patience
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	c.made++
	requests := []struct {
		name string
		do   func(context.Context) (items int, err error)
	}{
		{"list, resourceVersion 0", func(ctx context.Context) (int, error) { return c.list(ctx, "0") }},
		{"get, resourceVersion 0", func(ctx context.Context) (int, error) { return 1, c.get(ctx, "0") }},
		{"new watch from the cache", c.newWatch},
		{"list", func(ctx context.Context) (int, error) { return c.list(ctx, "") }},
		{"get", func(ctx context.Context) (int, error) { return 1, c.get(ctx, "") }},
		{"create", func(ctx context.Context) (int, error) { return 1, c.create(ctx) }},
		{"open watch sees the create", c.hear},
	}
	p := phase{State: state, Answers: make([]reply, len(requests))}
	var work sync.WaitGroup
	for i, r := range requests {
		work.Go(func() {
			begin := time.Now()
			n, err := r.do(ctx)
			reason, why := said(err)
			p.Answers[i] = reply{r.name, reason, why, n, float64(time.Since(begin).Microseconds()) / 1000}
		})
	}
	work.Wait()
	return p, nil
}

// said is the API server's reason, or that there was no answer, and then what the storage layer says.
func said(err error) (reason, why string) {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		return "OK", ""
	case errors.As(err, &status):
		return string(status.Status().Reason), err.Error()
	}
	return "no answer", err.Error()
}

func (c *customer) list(ctx context.Context, version string) (int, error) {
	l := &corev1.PodList{}
	err := c.cache.GetList(ctx, pods.prefix, everything(version), l)
	return len(l.Items), err
}

func (c *customer) get(ctx context.Context, version string) error {
	return c.cache.Get(ctx, pods.key("default", podName(0)), storage.GetOptions{ResourceVersion: version}, &corev1.Pod{})
}

// create tries until it is done, as controllers do: a request that was on its way to a member that died
// gets an error, and nobody knows whether it was carried out.
func (c *customer) create(ctx context.Context) (err error) {
	name := fmt.Sprintf("late-%d", c.made)
	give := until(ctx, func() (bool, error) {
		err = c.cache.Create(ctx, pods.key("default", name), pod("default", name), nil, 0)
		return err == nil || storage.IsExist(err), nil
	})
	if give == nil {
		return nil
	}
	return errors.Join(give, err)
}

// newWatch is a client that comes now: it is told of all that there is first.
func (c *customer) newWatch(ctx context.Context) (int, error) {
	w, err := c.cache.Watch(ctx, pods.prefix, everything("0"))
	if err != nil {
		return 0, err
	}
	defer w.Stop()
	for n := range outagePods {
		if _, err := next(ctx, w); err != nil {
			return n, err
		}
	}
	return outagePods, nil
}

// hear waits for the Pod that is created in this phase.
func (c *customer) hear(ctx context.Context) (int, error) {
	name := fmt.Sprintf("late-%d", c.made)
	for {
		h, err := next(ctx, c.watch)
		if err != nil {
			return 0, err
		}
		if h.Name == name {
			return 1, nil
		}
	}
}
