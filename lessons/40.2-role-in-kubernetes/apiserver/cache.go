package main

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/cacher"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/utils/clock"
)

// cached puts kube-apiserver's watch cache before a store and waits until it is filled.
func (s *server) cached(ctx context.Context, r resource, store storage.Interface) (storage.Interface, error) {
	c, err := cacher.NewCacherFromConfig(cacher.Config{
		Storage: store, Versioner: storage.APIObjectVersioner{}, GroupResource: r.GroupResource,
		EventsHistoryWindow: storagebackend.DefaultEventsHistoryWindow, ResourcePrefix: r.prefix,
		Codec: r.codec, Clock: clock.RealClock{},
		KeyFunc: func(o runtime.Object) (string, error) {
			m, err := meta.Accessor(o)
			if err != nil {
				return "", err
			}
			return r.key(m.GetNamespace(), m.GetName()), nil
		},
		GetAttrsFunc: func(o runtime.Object) (labels.Set, fields.Set, error) {
			m, err := meta.Accessor(o)
			if err != nil {
				return nil, nil, err
			}
			return m.GetLabels(), fields.Set{"metadata.name": m.GetName(), "metadata.namespace": m.GetNamespace()}, nil
		},
		NewFunc: r.one, NewListFunc: r.all,
	})
	if err != nil {
		return nil, err
	}
	d := cacher.NewCacheDelegator(c, store)
	s.closers = append(s.closers, c.Stop, d.Stop)
	return d, until(ctx, func() (bool, error) { return d.ReadinessCheck() == nil, nil })
}

// until looks again and again whether something has come true.
func until(ctx context.Context, is func() (bool, error)) error {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		if ok, err := is(); ok || err != nil {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
