package etcdsim

import (
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// app is the process of one client that has leases: a client of etcd with connections of its own.
type app struct {
	number int
	*clientv3.Client
}

// apps are the clients of a run that have leases, by number.
type apps struct {
	r *run

	mu   sync.Mutex
	open map[int]*app
	last int // the highest number so far
}

// behind is more than the watches that a script has.
const behind = 1000

// newApps numbers the clients that are not the workload's after all others.
func newApps(r *run) *apps {
	return &apps{r: r, open: map[int]*app{}, last: r.s.Workload.Clients + helpers + behind}
}

// get is the client of that number, or a new one for 0. Its connections are made when they are needed.
func (as *apps) get(number int) (*app, error) {
	as.mu.Lock()
	defer as.mu.Unlock()
	if number == 0 {
		as.last++
		number = as.last
	}
	if a := as.open[number]; a != nil {
		return a, nil
	}
	a := &app{number: number}
	var err error
	if a.Client, err = as.r.cluster.ClientWith(as.r.leases.observed()); err != nil {
		return nil, err
	}
	as.open[number] = a
	return a, nil
}

// close ends them all.
func (as *apps) close() {
	as.mu.Lock()
	defer as.mu.Unlock()
	for _, a := range as.open {
		_ = a.Close() // of a connection that may be broken
	}
	clear(as.open)
}
