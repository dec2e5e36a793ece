package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	storageerrors "k8s.io/apiserver/pkg/storage/errors"
)

// encryptionResult is what a learner's EncryptionConfiguration does in a cluster that has Secrets from
// before.
type encryptionResult struct {
	Refused string `json:"refused"` // why kube-apiserver would not start with it; empty: it does
	Create  reason `json:"create"`  // what came of writing a new Secret
	New     sight  `json:"new"`     // where that can be read
	// Known is what comes of reading the new Secret with the key that is known to others, under whatever
	// name and in whatever provider it was written with, whole or only its beginning.
	Known reason `json:"known"`
	// Plain and Old are what comes of reading a Secret that was written before there was any
	// encryption, and one that was written with the known key.
	Plain  reason `json:"plain"`
	Old    reason `json:"old"`
	Reread reason `json:"reread"` // the new one
}

// knownKey is the name of the key that the task's cluster has written with so far.
const knownKey = "key1"

// encryption has a cluster that has written without and with a key go on with the configuration of the
// request.
func encryption(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	before, err := s.vault(ctx, configuration(provider{}))
	if err != nil {
		return nil, err
	}
	known, err := s.vault(ctx, configuration(provider{knownKey}, provider{}))
	if err != nil {
		return nil, err
	}
	if err := before.create(ctx, "plain"); err != nil {
		return nil, err
	}
	if err := known.create(ctx, "old"); err != nil {
		return nil, err
	}
	found := &encryptionResult{}
	now, err := s.vault(ctx, t.request.Encryption)
	if err != nil {
		found.Refused = err.Error()
		return found, nil
	}
	found.Plain, found.Old = answer(now.read(ctx, "plain")), answer(now.read(ctx, "old"))
	err = now.create(ctx, "new")
	found.Create = answer(storageerrors.InterpretCreateError(err, secretMaps.GroupResource, "new"))
	if err != nil {
		return found, nil
	}
	found.Reread = answer(now.read(ctx, "new"))
	if found.New, err = s.sight(ctx, t.request.Data, "new"); err != nil {
		return nil, err
	}
	found.Known, err = s.withLeaked(ctx, known, found.New.Value)
	return found, err
}

// withLeaked reads the new Secret as somebody does who knows the leaked key and sees how the value begins.
// It is the answer of the first way that reads it, or else that of a server with the known key.
func (s *server) withLeaked(ctx context.Context, known vault, begins string) (reason, error) {
	first := answer(known.read(ctx, "new"))
	parts := strings.Split(begins, ":") // k8s:enc:PROVIDER:VERSION:NAME:
	if first.Code == 200 || len(parts) < 5 {
		return first, nil
	}
	leaked, err := base64.StdEncoding.DecodeString(aesKey(knownKey))
	if err != nil {
		return first, err
	}
	for _, size := range []int{16, 24, 32} {
		v, err := s.vault(ctx, oneKey(parts[2], parts[4], leaked[:size]))
		if err != nil {
			continue // this provider takes no key of that size
		}
		if a := answer(v.read(ctx, "new")); a.Code == 200 {
			return a, nil
		}
	}
	return first, nil
}

// oneKey is an EncryptionConfiguration with one key for Secrets.
func oneKey(provider, name string, key []byte) string {
	return fmt.Sprintf("apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- "+
		"resources: [secrets]\n"+
		"  providers:\n  - %s:\n      keys:\n      - {name: %q, secret: %q}\n", provider, name,
		base64.StdEncoding.EncodeToString(key))
}
