package etcdsim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// kubernetesPace is how much faster than in a real cluster the time of the Kubernetes load goes: a
// second of a run is a minute there.
const kubernetesPace = 60

// What a Kubernetes cluster keeps in etcd and how often it writes it, in its own time. The kubelet
// renews its node's lease every 10 s and, when nothing has changed, reports the node's status every 5
// minutes. The sizes of a Lease (94 B) and of a Node that lists 50 images (6.8 kB) are those that the
// API server writes for such objects; of Pods and Events they vary, and these are common.
const (
	leaseSize, leaseEvery       = sim.Size(94), 10 * time.Second
	nodeSize, nodeEvery         = sim.Size(6800), 5 * time.Minute
	podLeast, podMost           = sim.Size(1000), sim.Size(3000)
	podEvery                    = 10 * time.Minute // on average, and an event with each
	eventSize                   = sim.Size(700)
	eventLife                   = 10 * time.Minute // the API server's default is an hour, too long for a run to see
	eventLease                  = time.Minute      // for so long the API server gives new events the same lease of etcd
	creators                    = fillers          // how many objects are created at the same time
	leaseKeys, nodeKeys         = "/registry/leases/kube-node-lease/node-%d", "/registry/minions/node-%d"
	podKeys, eventKeys          = "/registry/pods/default/pod-%d", "/registry/events/default/pod-%d.%016x"
	eventSeconds          int64 = int64(eventLife / kubernetesPace / time.Second)
)

// kube is the API server of a Kubernetes cluster, as its etcd sees it.
type kube struct {
	l           *load
	nodes, pods int64
	random      *rand.Rand // which pod, and names of events
	sizes       []sim.Size // of the pods
	lease       atomic.Int64
}

// Kubernetes begins the load of a Kubernetes cluster: its objects are created, as fast as etcd answers,
// and then written again whenever their time comes, whether or not earlier writes have returned.
func (p powers) Kubernetes(nodes, pods int64) (stop func() error, err error) {
	k := &kube{l: p.r.load, nodes: nodes, pods: pods, random: sim.Stream(p.r.s.Seed, "kubernetes")}
	for range pods {
		k.sizes = append(k.sizes, podLeast+sim.Size(sim.Below(k.random, int64(podMost-podLeast+1))))
	}
	ctx, cancel := context.WithCancel(p.r.ctx)
	var work sync.WaitGroup
	work.Go(func() { k.renewLease(ctx) })
	p.r.work.Go(func() {
		defer cancel()
		k.create(ctx)
		k.run(ctx)
		cancel()
		work.Wait()
	})
	return func() error { cancel(); return nil }, nil
}

// create writes every object once. What there is no room for, its next update makes up for.
func (k *kube) create(ctx context.Context) {
	if !k.l.wait(k.l.first) {
		return
	}
	_, _ = k.l.writeAll(ctx, kubernetes, 2*k.nodes+k.pods, creators, func(i int64) *op {
		switch {
		case i < k.nodes:
			return k.node(i)
		case i < 2*k.nodes:
			return k.nodeLease(i - k.nodes)
		}
		return k.pod(i - 2*k.nodes)
	})
}

func (k *kube) node(i int64) *op { return &op{key: fmt.Sprintf(nodeKeys, i), size: nodeSize} }

func (k *kube) nodeLease(i int64) *op { return &op{key: fmt.Sprintf(leaseKeys, i), size: leaseSize} }

func (k *kube) pod(i int64) *op { return &op{key: fmt.Sprintf(podKeys, i), size: k.sizes[i]} }

// event is what the cluster tells of a pod; nil while there is no lease for it.
func (k *kube) event(i int64) *op {
	lease := clientv3.LeaseID(k.lease.Load())
	if lease == 0 {
		return nil
	}
	return &op{key: fmt.Sprintf(eventKeys, i, k.random.Uint64()), size: eventSize, lease: lease, brief: true}
}

// beat is a kind of write that comes again and again.
type beat struct {
	every time.Duration
	next  time.Duration // since the beginning
	write func(n int64)
	count int64
}

// run writes until ctx ends.
func (k *kube) run(ctx context.Context) {
	beats := []beat{
		{every: each(leaseEvery, k.nodes), write: func(n int64) { k.write(k.nodeLease(n % k.nodes)) }},
		{every: each(nodeEvery, k.nodes), write: func(n int64) { k.write(k.node(n % k.nodes)) }},
		{every: each(podEvery, k.pods), write: func(int64) {
			i := sim.Below(k.random, k.pods)
			k.write(k.pod(i))
			k.write(k.event(i))
		}},
	}
	for begin := time.Now(); ; {
		b := &beats[0]
		for i := range beats {
			if beats[i].next < b.next {
				b = &beats[i]
			}
		}
		wake := time.NewTimer(b.next - time.Since(begin))
		select {
		case <-wake.C:
		case <-ctx.Done():
			wake.Stop()
			return
		case <-k.l.last:
			wake.Stop()
			return
		}
		b.write(b.count)
		b.count++
		b.next += b.every
	}
}

// each is the time between two writes of a kind, in a run, when each of n objects is written once in
// every.
func each(every time.Duration, n int64) time.Duration {
	return max(every/kubernetesPace/time.Duration(n), time.Microsecond)
}

// write begins a write and does not wait for it.
func (k *kube) write(o *op) {
	if o != nil && k.l.write(kubernetes, o) {
		go k.l.carryOut(o)
	}
}

// renewLease keeps a lease at hand for the next events. Without one, as when the store is full, no
// events are written.
func (k *kube) renewLease(ctx context.Context) {
	tick := time.NewTicker(eventLease / kubernetesPace)
	defer tick.Stop()
	for {
		k.lease.Store(k.grant(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (k *kube) grant(ctx context.Context) int64 {
	leader := powers{k.l.r}.Leader()
	if leader == 0 {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := k.l.conn(leader).Grant(ctx, eventSeconds)
	if err != nil {
		return 0
	}
	return int64(r.ID)
}
