package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/apiserver/pkg/storage/value"
)

// root is the prefix of all keys, kube-apiserver's --etcd-prefix.
const root = "/registry"

// resource is a kind of objects and where a kube-apiserver keeps them.
type resource struct {
	schema.GroupResource
	prefix   string // below root
	one, all func() runtime.Object
	codec    runtime.Codec
}

// The resources of the experiments. Nodes still have the name that they had before Kubernetes 1.0, and
// custom resources have their group in the key and are JSON.
var (
	pods = builtin("", "pods", "/pods", func() runtime.Object { return &corev1.Pod{} },
		func() runtime.Object { return &corev1.PodList{} })
	configMaps = builtin("", "configmaps", "/configmaps", func() runtime.Object { return &corev1.ConfigMap{} },
		func() runtime.Object { return &corev1.ConfigMapList{} })
	secretMaps = builtin("", "secrets", "/secrets", func() runtime.Object { return &corev1.Secret{} },
		func() runtime.Object { return &corev1.SecretList{} })
	eventNotes = builtin("", "events", "/events", func() runtime.Object { return &corev1.Event{} },
		func() runtime.Object { return &corev1.EventList{} })
	nodes = builtin("", "nodes", "/minions", func() runtime.Object { return &corev1.Node{} },
		func() runtime.Object { return &corev1.NodeList{} })
	leases = builtin("coordination.k8s.io", "leases", "/leases", func() runtime.Object { return &coordinationv1.Lease{} },
		func() runtime.Object { return &coordinationv1.LeaseList{} })
	widgets = resource{
		GroupResource: schema.GroupResource{Group: "example.org", Resource: "widgets"}, prefix: "/example.org/widgets",
		one:   func() runtime.Object { return &unstructured.Unstructured{} },
		all:   func() runtime.Object { return &unstructured.UnstructuredList{} },
		codec: unstructured.UnstructuredJSONScheme,
	}
)

// stored is how kube-apiserver writes its own kinds: protobuf in an envelope that names the kind.
var stored = func() runtime.Codec {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, coordinationv1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // of kinds that come with the library
		}
	}
	groups := schema.GroupVersions{corev1.SchemeGroupVersion, coordinationv1.SchemeGroupVersion}
	pb := protobuf.NewSerializer(s, s)
	return serializer.NewCodecFactory(s).CodecForVersions(pb, pb, groups, groups)
}()

func builtin(group, name, prefix string, one, all func() runtime.Object) resource {
	return resource{schema.GroupResource{Group: group, Resource: name}, prefix, one, all, stored}
}

// key is where an object of the resource is, as storage.Interface takes it: without root.
func (r resource) key(namespace, name string) string {
	return r.prefix + "/" + strings.TrimPrefix(namespace+"/"+name, "/")
}

// server is the storage side of a kube-apiserver, and a client of etcd that looks behind it.
type server struct {
	endpoints []string
	etcd      *clientv3.Client
	closers   []func()
}

// serve connects to the members of the request. Close it when there is no error.
func serve(t *talk) (*server, error) {
	c, err := clientv3.New(clientv3.Config{Endpoints: t.request.Endpoints, Logger: zap.NewNop()})
	if err != nil {
		return nil, err
	}
	return &server{t.request.Endpoints, c, []func(){func() { _ = c.Close() }}}, nil
}

// close ends the connections, the newest first.
func (s *server) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

// store is the real storage layer for a resource, with the settings that kube-apiserver has by default
// but for the compaction, which experiments do by themselves. transform encrypts; nil does not.
func (s *server) store(r resource, transform value.Transformer) (storage.Interface, error) {
	c := storagebackend.NewDefaultConfig(root, r.codec)
	c.Transport.ServerList = s.endpoints
	c.CompactionInterval = 0
	c.Transformer = transform
	store, destroy, err := factory.Create(*c.ForResource(r.GroupResource), r.one, r.all, r.prefix)
	if err != nil {
		return nil, fmt.Errorf("storage of %s: %w", r.Resource, err)
	}
	s.closers = append(s.closers, destroy)
	return store, nil
}

// revision is that of etcd's store now.
func (s *server) revision(ctx context.Context) (int64, error) {
	r, err := s.etcd.Get(ctx, "/")
	if err != nil {
		return 0, err
	}
	return r.Header.Revision, nil
}

// reason is what an API server answers instead of an object: its reason and its HTTP code.
type reason struct {
	Code   int32  `json:"code"`
	Reason string `json:"reason"`
}

// answer tells what an error of the API server says to its client; of others, "Unknown" and 0. No error
// is 200.
func answer(err error) reason {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		return reason{200, "OK"}
	case errors.As(err, &status):
		return reason{status.Status().Code, string(status.Status().Reason)}
	}
	return reason{0, "Unknown"}
}

// everything lists or watches all objects of a resource from a version on.
func everything(version string) storage.ListOptions {
	return storage.ListOptions{ResourceVersion: version, Recursive: true, Predicate: storage.Everything}
}

// versionOf is an object's resourceVersion.
func versionOf(o runtime.Object) string {
	m, err := meta.Accessor(o)
	if err != nil {
		return ""
	}
	return m.GetResourceVersion()
}

// change updates an object until no other writer has come in between.
func change(ctx context.Context, s storage.Interface, r resource, key string, edit func(runtime.Object)) (string,
	error) {
	out := r.one()
	err := s.GuaranteedUpdate(ctx, key, out, false, nil, func(in runtime.Object, _ storage.ResponseMeta) (runtime.Object,
		*uint64, error) {
		edit(in)
		return in, nil, nil
	}, nil)
	return versionOf(out), err
}

// label is a change that sets a label of an object.
func label(name string, v int) func(runtime.Object) {
	return func(o runtime.Object) {
		m, err := meta.Accessor(o)
		if err != nil {
			return
		}
		ls := m.GetLabels()
		if ls == nil {
			ls = map[string]string{}
		}
		ls[name] = strconv.Itoa(v)
		m.SetLabels(ls)
	}
}

// pod is a Pod as one is written every day.
func pod(namespace, name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: "8f0c2a7e",
			Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "web",
			Image: "registry.example/web:1.27"}}},
	}
}
