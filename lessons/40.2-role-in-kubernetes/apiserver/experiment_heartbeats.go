package main

import (
	"context"
	"fmt"
	"io"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/storage"
)

// heartbeatsResult is what a node's sign of life costs, by the object that it is written to.
type heartbeatsResult struct {
	Beats []beating `json:"beats"`
}

type beating struct {
	Resource  string   `json:"resource"`
	Bytes     int      `json:"bytes"` // of the object
	Beats     int      `json:"beats"`
	Revisions int64    `json:"revisions"`  // that they made
	EtcdLease int64    `json:"etcd_lease"` // the lease of etcd that the object hangs on, 0 for none
	Growth    []growth `json:"growth"`
}

// growth is what the database holds more than before the first beat, and what its file has more.
type growth struct {
	Beats int   `json:"beats"`
	InUse int64 `json:"in_use"`
	File  int64 `json:"file"`
}

const (
	beats      = 300 // 50 minutes of a node
	beatsAPart = 30  // between two looks at the database
	images     = 50  // that a Node lists, kubelet's --node-status-max-images
)

// heartbeats writes signs of life to a Lease, as a kubelet does, and to a Node's status, as it did
// before there were such Leases.
func heartbeats(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	found := &heartbeatsResult{}
	for _, of := range []struct {
		resource
		key    string
		object runtime.Object
		beat   func(o runtime.Object, at time.Time)
	}{
		{leases, leases.key("kube-node-lease", "node-1"), nodeLease("node-1"), renew},
		{nodes, nodes.key("", "node-1"), node("node-1", images), report},
	} {
		if err := t.say(fmt.Sprintf("%d heartbeats to %s", beats, of.Resource)); err != nil {
			return nil, err
		}
		store, err := s.store(of.resource, nil)
		if err != nil {
			return nil, err
		}
		if err := store.Create(ctx, of.key, of.object, nil, 0); err != nil {
			return nil, err
		}
		b, err := s.beat(ctx, store, of.resource, of.key, of.beat)
		if err != nil {
			return nil, err
		}
		found.Beats = append(found.Beats, b)
	}
	return found, nil
}

func (s *server) beat(ctx context.Context, store storage.Interface, r resource, key string,
	beat func(o runtime.Object, at time.Time)) (beating, error) {
	b := beating{Resource: r.Resource, Beats: beats}
	before, err := s.sizes(ctx)
	if err != nil {
		return b, err
	}
	first, err := s.revision(ctx)
	if err != nil {
		return b, err
	}
	for i := 1; i <= beats; i++ {
		at := time.Unix(int64(i)*10, 0)
		if _, err := change(ctx, store, r, key, func(o runtime.Object) { beat(o, at) }); err != nil {
			return b, err
		}
		if i%beatsAPart == 0 {
			now, err := s.sizes(ctx)
			if err != nil {
				return b, err
			}
			b.Growth = append(b.Growth, growth{i, now.InUse - before.InUse, now.File - before.File})
		}
	}
	last, err := s.revision(ctx)
	if err != nil {
		return b, err
	}
	g, err := s.etcd.Get(ctx, root+key)
	if err != nil {
		return b, err
	}
	b.Revisions, b.Bytes, b.EtcdLease = last-first, len(g.Kvs[0].Value), g.Kvs[0].Lease
	return b, nil
}

// sizes are those of the database of the first member, with all that has been written.
func (s *server) sizes(ctx context.Context) (g growth, err error) {
	if err := s.commit(ctx); err != nil {
		return g, err
	}
	st, err := s.etcd.Status(ctx, s.endpoints[0])
	if err != nil {
		return g, err
	}
	return growth{InUse: st.DbSizeInUse, File: st.DbSize}, nil
}

// commit has the database written, which a member does every 100 ms, and at once before a snapshot.
func (s *server) commit(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := s.etcd.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadFull(r, make([]byte, 1))
	return err
}

// nodeLease is a node's Lease, which says that it lives.
func nodeLease(node string) *coordinationv1.Lease {
	holder, seconds := node, int32(40)
	return &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-node-lease", Name: node},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds},
	}
}

func renew(o runtime.Object, at time.Time) {
	t := metav1.NewMicroTime(at)
	o.(*coordinationv1.Lease).Spec.RenewTime = &t
}

// node is a Node that lists so many images.
func node(name string, images int) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for i := range images {
		n.Status.Images = append(n.Status.Images, corev1.ContainerImage{SizeBytes: int64(i) << 20, Names: []string{
			fmt.Sprintf("registry.example/image-%02d@sha256:%064d", i, i), fmt.Sprintf("registry.example/image-%02d:v1.2.3", i),
		}})
	}
	return n
}

func report(o runtime.Object, at time.Time) {
	o.(*corev1.Node).Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue,
		LastHeartbeatTime: metav1.NewTime(at)}}
}
