package main

import (
	"context"
	"fmt"
	"strconv"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/storage"
	storageerrors "k8s.io/apiserver/pkg/storage/errors"
)

// loopRequest is a loop that controllers run to add one to a counter.
type loopRequest struct {
	// Steps are carried out in this order: get, get-cached, count, put, put-if-unchanged, lock, unlock.
	Steps []string `json:"steps"`
	// Conflict is what follows a 409: again (from the first step on), resend (the same step), or give-up.
	Conflict string `json:"conflict"`
	Writers  int    `json:"writers"`
	Each     int    `json:"each"` // increments
	// Most is how many requests a writer may make for one increment before it is stopped.
	Most int `json:"most"`
}

// loopResult is what came of it.
type loopResult struct {
	Asked        int `json:"asked"`
	Acknowledged int `json:"acknowledged"` // increments whose writer came to the end of its loop
	GivenUp      int `json:"given_up"`
	Stopped      int `json:"stopped"` // after Most requests
	Kept         int `json:"kept"`    // what the counter says
	Requests     int `json:"requests"`
	Worst        int `json:"worst"` // the most requests for one increment
}

// loop runs writers in step: each carries out one step of its loop, then each the next, so that they
// always meet, and in the same way each time. get-cached sees what was true when the round before
// began, as a watch cache may that lags a little.
func loop(ctx context.Context, t *talk) (any, error) {
	q := t.request.Loop
	if q == nil {
		return nil, fmt.Errorf(`the request has no "loop"`)
	}
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	p, err := s.store(pods, nil)
	if err != nil {
		return nil, err
	}
	l, err := s.store(leases, nil)
	if err != nil {
		return nil, err
	}
	r := &race{loopRequest: q, pods: p, leases: l, counter: counter{p, pods.key("default", "web-0")},
		lock: leases.key("default", "lock")}
	if err := p.Create(ctx, r.counter.key, pod("default", "web-0"), nil, 0); err != nil {
		return nil, err
	}
	return r.run(ctx)
}

// race is the writers and what they share.
type race struct {
	*loopRequest
	pods, leases storage.Interface
	counter      counter
	lock         string
	seen, now    string // the Pod's version when the last round began, and when this one did
	result       loopResult
}

// runner is one writer.
type runner struct {
	name     string
	at       int // its next step
	left     int // increments
	requests int // for the present one
	copy     *corev1.Pod
}

func (r *race) run(ctx context.Context) (*loopResult, error) {
	var all []*runner
	for i := range r.Writers {
		all = append(all, &runner{name: fmt.Sprintf("writer-%d", i), left: r.Each})
	}
	r.result.Asked = r.Writers * r.Each
	for busy := true; busy; {
		if err := r.round(ctx); err != nil {
			return nil, err
		}
		busy = false
		for _, w := range all {
			if w.left == 0 {
				continue
			}
			if err := r.step(ctx, w); err != nil {
				return nil, err
			}
			busy = busy || w.left > 0
		}
	}
	last, err := r.counter.get(ctx)
	if err != nil {
		return nil, err
	}
	r.result.Kept, _ = strconv.Atoi(last.Labels["n"]) // absent is 0
	return &r.result, nil
}

// round begins a round.
func (r *race) round(ctx context.Context) error {
	p, err := r.counter.get(ctx)
	if err != nil {
		return err
	}
	r.seen, r.now = r.now, p.ResourceVersion
	if r.seen == "" {
		r.seen = r.now
	}
	return nil
}

// step carries out a writer's next step and says where it goes on.
func (r *race) step(ctx context.Context, w *runner) error {
	do := r.Steps[w.at]
	if do != "count" {
		w.requests++
		r.result.Requests++
		r.result.Worst = max(r.result.Worst, w.requests)
	}
	err := r.carryOut(ctx, w, do)
	switch {
	case err == nil:
		w.at++
		if w.at == len(r.Steps) {
			r.result.Acknowledged++
			w.done()
		}
	case answer(err).Code != 409:
		return fmt.Errorf("%s: %w", do, err)
	case r.Conflict == "again":
		w.at = 0
	case r.Conflict != "resend":
		r.result.GivenUp++
		w.done()
	}
	if w.requests >= r.Most {
		r.result.Stopped++
		w.left, w.requests = 0, 0
	}
	return nil
}

// done ends an increment.
func (w *runner) done() { w.at, w.requests, w.left = 0, 0, w.left-1 }

func (r *race) carryOut(ctx context.Context, w *runner, do string) (err error) {
	switch do {
	case "get":
		w.copy, err = r.counter.get(ctx)
	case "get-cached":
		w.copy, err = r.cached(ctx)
	case "count":
		add(w.copy)
	case "put", "put-if-unchanged":
		err = r.counter.put(ctx, w.copy, do != "put")
	case "lock":
		err = r.leases.Create(ctx, r.lock, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "default",
			Name: "lock"}, Spec: coordinationv1.LeaseSpec{HolderIdentity: &w.name}}, nil, 0)
		err = storageerrors.InterpretCreateError(err, leases.GroupResource, "lock")
	case "unlock":
		err = r.leases.Delete(ctx, r.lock, &coordinationv1.Lease{}, nil, storage.ValidateAllObjectFunc, nil,
			storage.DeleteOptions{})
		if storage.IsNotFound(err) {
			err = nil
		}
	default:
		err = fmt.Errorf("there is no such step")
	}
	return err
}

// cached reads the Pod as it was when the last round began.
func (r *race) cached(ctx context.Context) (*corev1.Pod, error) {
	l := &corev1.PodList{}
	err := r.pods.GetList(ctx, r.counter.key, storage.ListOptions{
		ResourceVersion: r.seen, ResourceVersionMatch: metav1.ResourceVersionMatchExact,
		Predicate: storage.SelectionPredicate{Label: labels.Everything(), Field: fields.Everything()},
	}, l)
	if err == nil && len(l.Items) != 1 {
		err = fmt.Errorf("%d Pods are called %s", len(l.Items), r.counter.key)
	}
	if err != nil {
		return nil, err
	}
	return &l.Items[0], nil
}
