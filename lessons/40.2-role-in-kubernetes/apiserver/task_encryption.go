package main

import (
	"context"

	storageerrors "k8s.io/apiserver/pkg/storage/errors"
)

// encryptionResult is what a learner's EncryptionConfiguration does in a cluster that has Secrets from
// before.
type encryptionResult struct {
	Refused string `json:"refused"` // why kube-apiserver would not start with it; empty: it does
	Create  reason `json:"create"`  // what came of writing a new Secret
	New     sight  `json:"new"`     // where that can be read
	// Known is what comes of reading the new Secret with the key that is known to others.
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
	found.Reread, found.Known = answer(now.read(ctx, "new")), answer(known.read(ctx, "new"))
	found.New, err = s.sight(ctx, t.request.Data, "new")
	return found, err
}
