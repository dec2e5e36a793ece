package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// storedObject is an object as its client sees it, and as etcd has it.
type storedObject struct {
	Resource        string `json:"resource"`
	Key             string `json:"key"`
	Encoding        string `json:"encoding"` // protobuf or json
	Prefix          string `json:"prefix"`   // the first bytes of the value, when it is not JSON
	Kind            string `json:"kind"`     // as the value's envelope says
	Bytes           int    `json:"bytes"`
	ResourceVersion string `json:"resource_version"` // that the client was told
	Inside          string `json:"inside"`           // the resourceVersion inside the value
	CreateRevision  int64  `json:"create_revision"`
	ModRevision     int64  `json:"mod_revision"`
	Version         int64  `json:"version"`
}

// keysResult is what was found of a few objects.
type keysResult struct {
	Objects []storedObject `json:"objects"` // in the order in which they were created
	// Steps are writes one after the other, and the resourceVersion of each.
	Steps []step       `json:"steps"`
	Last  storedObject `json:"last"` // the Pod after them
}

type step struct {
	Write   string `json:"write"`
	Version string `json:"version"`
}

// keys creates an object of each of several resources and looks at what came of them in etcd.
func keys(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	var found keysResult
	for _, o := range []struct {
		resource
		key    string
		object runtime.Object
	}{
		{pods, pods.key("default", "web-0"), pod("default", "web-0")},
		{configMaps, configMaps.key("default", "web"), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default",
			Name: "web"}, Data: map[string]string{"colour": "blue"}}},
		{nodes, nodes.key("", "node-1"), node("node-1", 0)},
		{leases, leases.key("kube-node-lease", "node-1"), nodeLease("node-1")},
		{eventNotes, eventNotes.key("default", "web-0.1"), event("default", "web-0.1")},
		{widgets, widgets.key("default", "w-1"), widget("default", "w-1")},
	} {
		store, err := s.store(o.resource, nil)
		if err != nil {
			return nil, err
		}
		out := o.one()
		if err := store.Create(ctx, o.key, o.object, out, 0); err != nil {
			return nil, err
		}
		is, err := s.look(ctx, o.resource, o.key, versionOf(out))
		if err != nil {
			return nil, err
		}
		found.Objects = append(found.Objects, is)
	}
	return &found, s.write(ctx, &found)
}

// write changes the Pod, then the ConfigMap, then the Pod again.
func (s *server) write(ctx context.Context, found *keysResult) error {
	for i, w := range []struct {
		resource
		name string
	}{{pods, "web-0"}, {configMaps, "web"}, {pods, "web-0"}} {
		store, err := s.store(w.resource, nil)
		if err != nil {
			return err
		}
		v, err := change(ctx, store, w.resource, w.key("default", w.name), label("step", i))
		if err != nil {
			return err
		}
		found.Steps = append(found.Steps, step{w.Resource, v})
	}
	var err error
	found.Last, err = s.look(ctx, pods, pods.key("default", "web-0"), found.Steps[2].Version)
	return err
}

// look reads an object past the API server.
func (s *server) look(ctx context.Context, r resource, key, version string) (storedObject, error) {
	o := storedObject{Resource: r.Resource, Key: root + key, ResourceVersion: version}
	g, err := s.etcd.Get(ctx, o.Key)
	if err != nil {
		return o, err
	}
	if len(g.Kvs) != 1 {
		return o, fmt.Errorf("etcd has no key %s", o.Key)
	}
	kv := g.Kvs[0]
	o.Bytes, o.CreateRevision, o.ModRevision, o.Version = len(kv.Value), kv.CreateRevision, kv.ModRevision, kv.Version
	if !bytes.HasPrefix(kv.Value, protobufPrefix) {
		return o, o.readJSON(kv.Value)
	}
	return o, o.readProtobuf(kv.Value, r.one())
}

// protobufPrefix begins each value that is protobuf.
var protobufPrefix = []byte("k8s\x00")

func (o *storedObject) readProtobuf(v []byte, into runtime.Object) error {
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(v[len(protobufPrefix):]); err != nil {
		return err
	}
	o.Encoding, o.Prefix, o.Kind = "protobuf", fmt.Sprintf("%q", protobufPrefix), envelope.Kind
	if m, ok := into.(interface{ Unmarshal([]byte) error }); ok {
		if err := m.Unmarshal(envelope.Raw); err != nil {
			return err
		}
	}
	o.Inside = versionOf(into)
	return nil
}

func (o *storedObject) readJSON(v []byte) error {
	var u unstructured.Unstructured
	if err := json.Unmarshal(v, &u.Object); err != nil {
		return err
	}
	o.Encoding, o.Kind, o.Inside = "json", u.GetKind(), u.GetResourceVersion()
	return nil
}

// widget is a custom resource.
func widget(namespace, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.org/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec":     map[string]any{"colour": "blue"},
	}}
}
