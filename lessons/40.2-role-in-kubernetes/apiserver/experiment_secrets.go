package main

import "context"

// secretsResult is where Secrets could be read, and by whom.
type secretsResult struct {
	Sights  []namedSight `json:"sights"`  // in the order in which they were taken
	Answers []named      `json:"answers"` // of reads
}

type namedSight struct {
	When string `json:"when"`
	sight
}

type named struct {
	When string `json:"when"`
	reason
}

// secrets writes Secrets without encryption, then with it, and then with a new key.
func secrets(ctx context.Context, t *talk) (any, error) {
	s, err := serve(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	k := &keeper{server: s, data: t.request.Data, found: &secretsResult{}}
	for _, part := range []func(context.Context) error{k.off, k.on, k.rotate} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return k.found, nil
}

type keeper struct {
	*server
	data  string
	found *secretsResult
}

// see notes where a Secret can be read.
func (k *keeper) see(ctx context.Context, when, name string) error {
	g, err := k.sight(ctx, k.data, name)
	k.found.Sights = append(k.found.Sights, namedSight{when, g})
	return err
}

func (k *keeper) hear(when string, err error) {
	k.found.Answers = append(k.found.Answers, named{when, answer(err)})
}

// off is a kube-apiserver without an EncryptionConfiguration.
func (k *keeper) off(ctx context.Context) error {
	v, err := k.vault(ctx, configuration(provider{}))
	if err != nil {
		return err
	}
	if err := v.create(ctx, "old"); err != nil {
		return err
	}
	return k.see(ctx, "written without encryption", "old")
}

// on turns encryption on; what is there stays as it is until it is written again, and even then
// etcd keeps what it was.
func (k *keeper) on(ctx context.Context) error {
	v, err := k.vault(ctx, configuration(provider{"key1"}, provider{}))
	if err != nil {
		return err
	}
	if err := v.create(ctx, "new"); err != nil {
		return err
	}
	if err := k.see(ctx, "written with encryption", "new"); err != nil {
		return err
	}
	without, err := k.vault(ctx, configuration(provider{}))
	if err != nil {
		return err
	}
	k.hear("the new one, without the key", without.read(ctx, "new"))
	k.hear("the new one, with the key", v.read(ctx, "new"))
	if err := k.see(ctx, "the old one, after turning encryption on", "old"); err != nil {
		return err
	}
	if err := v.rewrite(ctx, "old"); err != nil {
		return err
	}
	if err := k.see(ctx, "the old one, rewritten", "old"); err != nil {
		return err
	}
	return k.forget(ctx)
}

// forget has etcd drop the old values from its database.
func (k *keeper) forget(ctx context.Context) error {
	rev, err := k.revision(ctx)
	if err != nil {
		return err
	}
	if _, err := k.etcd.Compact(ctx, rev); err != nil {
		return err
	}
	if _, err := k.etcd.Defragment(ctx, k.endpoints[0]); err != nil {
		return err
	}
	return k.see(ctx, "the old one, after compaction and defragmentation", "old")
}

// rotate has a new key write, of which the old one is dropped before everything is written again.
func (k *keeper) rotate(ctx context.Context) error {
	both, err := k.vault(ctx, configuration(provider{"key2"}, provider{"key1"}, provider{}))
	if err != nil {
		return err
	}
	k.hear("the new one, with both keys", both.read(ctx, "new"))
	if err := both.rewrite(ctx, "old"); err != nil {
		return err
	}
	if err := k.see(ctx, "the old one, rewritten with key2 first", "old"); err != nil {
		return err
	}
	if err := k.see(ctx, "the new one, not rewritten", "new"); err != nil {
		return err
	}
	one, err := k.vault(ctx, configuration(provider{"key2"}, provider{}))
	if err != nil {
		return err
	}
	k.hear("rewritten, with key2 alone", one.read(ctx, "old"))
	k.hear("not rewritten, with key2 alone", one.read(ctx, "new"))
	return nil
}
