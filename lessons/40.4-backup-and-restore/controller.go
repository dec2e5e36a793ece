package backupandrestore

import (
	"context"
	"errors"
	"sync"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim/etcdsim/cluster"
)

// controller keeps its own view of the orders, as controllers do: it lists them once, follows
// a watch, and lists again only when it is told that its revision is compacted.
type controller struct {
	cl   *clientv3.Client
	end  context.CancelFunc
	over chan struct{}

	mu    sync.Mutex
	view  map[string]bool
	lists int
	news  chan struct{} // closed when the view changes
}

func startController(ctx context.Context, c *cluster.Real) (*controller, error) {
	cl, err := c.Client()
	if err != nil {
		return nil, err
	}
	k := &controller{cl: cl, over: make(chan struct{}), news: make(chan struct{})}
	ctx, k.end = context.WithCancel(ctx)
	go k.run(ctx)
	return k, nil
}

// stop ends it. A second call does nothing.
func (k *controller) stop() {
	k.end()
	<-k.over
	_ = k.cl.Close() // it says that its context is done
}

func (k *controller) run(ctx context.Context) {
	defer close(k.over)
	for ctx.Err() == nil {
		from, err := k.list(ctx)
		if err != nil {
			return // ctx is done
		}
		k.follow(ctx, from)
	}
}

// list reads all orders and returns the revision to watch from.
func (k *controller) list(ctx context.Context) (from int64, err error) {
	var r *clientv3.GetResponse
	if err := insist(ctx, func(ctx context.Context) (err error) {
		r, err = k.cl.Get(ctx, orders, clientv3.WithPrefix(), clientv3.WithKeysOnly())
		return err
	}); err != nil {
		return 0, err
	}
	k.change(func() {
		k.lists++
		k.view = map[string]bool{}
		for _, kv := range r.Kvs {
			k.view[string(kv.Key)] = true
		}
	})
	return r.Header.Revision + 1, nil
}

// follow takes what the watch delivers until it is told to list again. Where the connection
// breaks, the client goes on behind what it saw by itself.
func (k *controller) follow(ctx context.Context, from int64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for answer := range k.cl.Watch(ctx, orders, clientv3.WithPrefix(), clientv3.WithRev(from)) {
		if errors.Is(answer.Err(), rpctypes.ErrCompacted) {
			return
		}
		k.change(func() {
			for _, e := range answer.Events {
				k.view[string(e.Kv.Key)] = e.Type == clientv3.EventTypePut
			}
		})
	}
}

func (k *controller) change(do func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	do()
	close(k.news)
	k.news = make(chan struct{})
}

// gap is how far a view is from the store.
type gap struct {
	missing int // orders that the view lacks
	ghosts  int // orders of the view that are not in the store
	lists   int // how often it has listed
}

func (g gap) none() bool { return g.missing == 0 && g.ghosts == 0 }

// gap waits until the view is these keys or ctx ends, and tells how far it is from them.
func (k *controller) gap(ctx context.Context, keys []string) gap {
	for {
		g, news := k.compare(keys)
		if g.none() {
			return g
		}
		select {
		case <-news:
		case <-ctx.Done():
			return g
		}
	}
}

// compare compares the view with the keys. news is closed when the view changes.
func (k *controller) compare(keys []string) (g gap, news chan struct{}) {
	there := map[string]bool{}
	for _, key := range keys {
		there[key] = true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for key := range there {
		if !k.view[key] {
			g.missing++
		}
	}
	for key, known := range k.view {
		if known && !there[key] {
			g.ghosts++
		}
	}
	g.lists = k.lists
	return g, k.news
}
