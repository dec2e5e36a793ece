package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/server/options/encryptionconfig"
	"k8s.io/apiserver/pkg/storage"
	storageerrors "k8s.io/apiserver/pkg/storage/errors"
	"k8s.io/apiserver/pkg/storage/value"
)

// encrypter reads an EncryptionConfiguration as kube-apiserver does that is given the file with
// --encryption-provider-config, and returns what it does to Secrets. The error is kube-apiserver's.
func encrypter(ctx context.Context, text string) (value.Transformer, error) {
	dir, err := os.MkdirTemp("", "quorumlab-kubernetes-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "encryption.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	c, err := encryptionconfig.LoadEncryptionConfig(ctx, file, false, "quorumlab")
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), file, "encryption.yaml"))
	}
	return encryptionconfig.StaticTransformers(c.Transformers).TransformerForResource(secretMaps.GroupResource), nil
}

// provider is an entry of an EncryptionConfiguration: aesgcm with a key, or identity without a name.
type provider struct{ name string }

// configuration writes one with these providers for Secrets, the first of which writes.
func configuration(ps ...provider) string {
	var b strings.Builder
	b.WriteString("apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: " +
		"[secrets]\n  providers:\n")
	for _, p := range ps {
		if p.name == "" {
			b.WriteString("  - identity: {}\n")
			continue
		}
		fmt.Fprintf(&b, "  - aesgcm:\n      keys:\n      - name: %s\n        secret: %s\n", p.name, aesKey(p.name))
	}
	return b.String()
}

// aesKey is a key that is made of its name; a real one is random.
func aesKey(name string) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(name), 32)[:32])
}

// vault is Secrets behind one EncryptionConfiguration.
type vault struct {
	*server
	store storage.Interface
}

func (s *server) vault(ctx context.Context, configuration string) (vault, error) {
	e, err := encrypter(ctx, configuration)
	if err != nil {
		return vault{}, err
	}
	store, err := s.store(secretMaps, e)
	return vault{s, store}, err
}

// marker is a Secret's plaintext, which is looked for.
func marker(name string) string { return "PLAINTEXT-OF-" + strings.ToUpper(name) + "-7c1e" }

func (v vault) create(ctx context.Context, name string) error {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Data: map[string][]byte{"password": []byte(marker(name))}}
	return v.store.Create(ctx, secretMaps.key("default", name), s, nil, 0)
}

// read tells what a client hears that asks for a Secret; anything but its plaintext is an error.
func (v vault) read(ctx context.Context, name string) error {
	s := &corev1.Secret{}
	if err := v.store.Get(ctx, secretMaps.key("default", name), storage.GetOptions{}, s); err != nil {
		return storageerrors.InterpretGetError(err, secretMaps.GroupResource, name)
	}
	if string(s.Data["password"]) != marker(name) {
		return fmt.Errorf("wrong password in Secret %s", name)
	}
	return nil
}

// rewrite writes a Secret again as it is, as `kubectl get secrets -o json | kubectl replace -f -` does.
func (v vault) rewrite(ctx context.Context, name string) error {
	_, err := change(ctx, v.store, secretMaps, secretMaps.key("default", name), func(runtime.Object) {})
	return storageerrors.InterpretUpdateError(err, secretMaps.GroupResource, name)
}

// sight is where something can be read by whoever gets hold of a file.
type sight struct {
	Value    string `json:"value"` // how the value in etcd begins
	Plain    bool   `json:"plain"` // it holds the plaintext
	Database bool   `json:"database"`
	WAL      bool   `json:"wal"`
	Snapshot bool   `json:"snapshot"`
}

// sight looks for a Secret's plaintext in etcd's files. data is a member's data folder.
func (s *server) sight(ctx context.Context, data, name string) (g sight, err error) {
	mark := []byte(marker(name))
	r, err := s.etcd.Get(ctx, root+secretMaps.key("default", name))
	if err != nil {
		return g, err
	}
	if len(r.Kvs) != 1 {
		return g, fmt.Errorf("etcd has no Secret %s", name)
	}
	v := r.Kvs[0].Value
	g.Value, g.Plain = beginning(v), bytes.Contains(v, mark)
	snapshot, err := s.etcd.Snapshot(ctx) // and so the database is written
	if err != nil {
		return g, err
	}
	defer snapshot.Close()
	saved, err := io.ReadAll(snapshot)
	if err != nil {
		return g, err
	}
	g.Snapshot = bytes.Contains(saved, mark)
	if g.Database, err = found(mark, filepath.Join(data, "member", "snap", "db")); err != nil {
		return g, err
	}
	g.WAL, err = found(mark, filepath.Join(data, "member", "wal", "*.wal"))
	return g, err
}

// beginning is how a value begins: up to its encryption's last colon, or that it is protobuf.
func beginning(v []byte) string {
	if bytes.HasPrefix(v, protobufPrefix) {
		return strings.Trim(fmt.Sprintf("%q", protobufPrefix), `"`)
	}
	parts := bytes.SplitN(v, []byte(":"), 6)
	if len(parts) < 6 {
		return ""
	}
	return string(bytes.Join(parts[:5], []byte(":"))) + ":"
}

// found tells whether a file of the pattern holds the text.
func found(text []byte, pattern string) (bool, error) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return false, errors.Join(err, fmt.Errorf("there is no file %s", pattern))
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return false, err
		}
		if bytes.Contains(b, text) {
			return true, nil
		}
	}
	return false, nil
}
