package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/storage"
)

// eventsResult is what became of Events that expire.
type eventsResult struct {
	Sharing []sharing `json:"sharing"`
	// Life is how many of the shortest-lived Events there were, from the first on.
	Life []alive `json:"life"`
}

// sharing is Events with one time to live, and the leases of etcd that they hang on.
type sharing struct {
	TTL       int64 `json:"ttl"` // seconds
	Events    int   `json:"events"`
	Leases    int   `json:"leases"`
	Revisions int64 `json:"revisions"` // that their end made, 0 when it was not awaited
	Left      int64 `json:"left"`      // after it
}

type alive struct {
	Seconds float64 `json:"seconds"`
	Events  int     `json:"events"`
}

// shortLife is so short that it ends while one looks on; the default of kube-apiserver is 3600.
const shortLife = 2

// events writes Events and sees them end.
func events(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	found := &eventsResult{}
	for _, n := range []struct {
		ttl    int64
		events int
	}{{shortLife, 200}, {3600, 200}, {3600, 1200}} {
		if err := t.say(fmt.Sprintf("%d Events with a TTL of %d s", n.events, n.ttl)); err != nil {
			return nil, err
		}
		sh, life, err := s.expire(ctx, fmt.Sprintf("n%d", len(found.Sharing)), n.ttl, n.events)
		if err != nil {
			return nil, err
		}
		found.Sharing = append(found.Sharing, sh)
		if found.Life == nil {
			found.Life = life
		}
	}
	return found, nil
}

// expire writes Events and waits until they are gone. Those of an hour are helped: their leases are
// revoked, which is what etcd does itself when their time has come.
func (s *server) expire(ctx context.Context, namespace string, ttl int64, n int) (sharing, []alive, error) {
	sh := sharing{TTL: ttl, Events: n}
	prefix := root + eventNotes.key(namespace, "")
	store, err := s.store(eventNotes, nil) // each has a lease of its own in use
	if err != nil {
		return sh, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := s.etcd.Watch(clientv3.WithRequireLeader(ctx), prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	<-seen
	begin := time.Now()
	var made error
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		// One client: of several, one that asked a moment before the last would get a lease to itself.
		if made = createEvents(ctx, store, namespace, ttl, n, 1); made != nil {
			cancel()
		}
	})
	w := expiry{leases: map[int64]bool{}, revisions: map[int64]bool{}, ttl: ttl, begin: begin}
	if err := w.follow(ctx, seen, s.etcd, n); err != nil {
		work.Wait()
		return sh, nil, errors.Join(made, err)
	}
	left, err := s.etcd.Get(ctx, prefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		return sh, nil, err
	}
	sh.Leases, sh.Revisions, sh.Left = len(w.leases), int64(len(w.revisions)), left.Count
	return sh, w.life, nil
}

// createEvents creates them as fast as so many clients can.
func createEvents(ctx context.Context, store storage.Interface, namespace string, ttl int64, n, clients int) error {
	errs := make([]error, clients)
	var work sync.WaitGroup
	for c := range clients {
		work.Go(func() {
			for i := c; i < n && errs[c] == nil; i += clients {
				name := fmt.Sprintf("web-0.%06d", i)
				errs[c] = store.Create(ctx, eventNotes.key(namespace, name), event(namespace, name), nil, uint64(ttl))
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// expiry follows Events to their end.
type expiry struct {
	leases    map[int64]bool
	revisions map[int64]bool // of the deletions
	ttl       int64
	begin     time.Time
	life      []alive
}

func (w *expiry) follow(ctx context.Context, seen clientv3.WatchChan, etcd *clientv3.Client, n int) error {
	born, dead := 0, 0
	for dead < n {
		select {
		case r, ok := <-seen:
			if !ok || r.Err() != nil {
				return errors.Join(errors.New("the watch on Events ended"), r.Err())
			}
			for _, e := range r.Events {
				if e.Type == clientv3.EventTypePut {
					born++
					w.leases[e.Kv.Lease] = true
					continue
				}
				dead++
				w.revisions[e.Kv.ModRevision] = true
			}
			w.life = append(w.life, alive{time.Since(w.begin).Seconds(), born - dead})
		case <-ctx.Done():
			return ctx.Err()
		}
		if born == n && dead == 0 && w.ttl > shortLife {
			for id := range w.leases {
				if _, err := etcd.Revoke(ctx, clientv3.LeaseID(id)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// event is one that kubelets write by the thousand.
func event(namespace, name string) *corev1.Event {
	return &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: namespace, Name: name},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: namespace, Name: "web-0"},
		Reason:         "BackOff", Message: "Back-off restarting failed container web in pod web-0",
		Type:   corev1.EventTypeWarning,
		Source: corev1.EventSource{Component: "kubelet", Host: "node-1"}, Count: 1,
	}
}
