package cluster

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// StoreHash is the hash of a member's key-value store as it was at a revision.
type StoreHash struct {
	Member    sim.MemberID
	Revision  int64
	Compacted int64 // the revision up to which the member had compacted, which the hash depends on
	Hash      uint32
}

// CompareHashes asks members for the hashes of their stores at one revision (HashKV): the newest one
// that all of them have. They are equal unless a member's database is damaged or otherwise wrong.
// Members may go on writing meanwhile. Errors: a member is down or does not answer before ctx ends,
// and ErrUneven.
func (c *Real) CompareHashes(ctx context.Context, ids ...sim.MemberID) ([]StoreHash, error) {
	clients := make([]*clientv3.Client, len(ids))
	for i, id := range ids {
		m := c.Member(id)
		if !m.Up() {
			return nil, fmt.Errorf("compare hashes: %s: %w", m.Name, ErrDown)
		}
		client, err := m.Dial()
		if err != nil {
			return nil, err
		}
		defer client.Close()
		clients[i] = client
	}
	for range hashTries {
		hs, err := c.hashesAtOnce(ctx, ids, clients)
		if !errors.Is(err, rpctypes.ErrCompacted) && !errors.Is(err, ErrUneven) || ctx.Err() != nil {
			return hs, err
		}
	}
	return nil, fmt.Errorf("compare hashes: %w", ErrUneven)
}

// hashTries is how often members are asked again that were compacting just then.
const hashTries = 5

// ErrUneven is the error of comparing members that have compacted differently.
var ErrUneven = errors.New("the members have not compacted up to the same revision")

// hashesAtOnce asks for the newest revision of each and then for the hashes at the lowest of these.
func (c *Real) hashesAtOnce(ctx context.Context, ids []sim.MemberID, clients []*clientv3.Client) ([]StoreHash, error) {
	var at int64
	for i, cl := range clients {
		s, err := cl.Status(ctx, c.Member(ids[i]).ClientURL())
		if err != nil {
			return nil, fmt.Errorf("compare hashes: %s: %w", c.Member(ids[i]).Name, err)
		}
		if at == 0 || s.Header.Revision < at {
			at = s.Header.Revision
		}
	}
	hs := make([]StoreHash, len(ids))
	for i, cl := range clients {
		h, err := cl.HashKV(ctx, c.Member(ids[i]).ClientURL(), at)
		if err != nil {
			return nil, fmt.Errorf("compare hashes: %s: %w", c.Member(ids[i]).Name, err)
		}
		hs[i] = StoreHash{ids[i], at, h.CompactRevision, h.Hash}
		if hs[i].Compacted != hs[0].Compacted {
			return nil, ErrUneven
		}
	}
	return hs, nil
}
