package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	etcdversion "go.etcd.io/etcd/api/v3/version"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/drill"
	"quorumlab/internal/guard"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// drillMembers is how many members an etcd snapshot is restored to: enough to compare their hashes.
const drillMembers = 3

// drillEtcd restores a snapshot of etcd into a private cluster and verifies it. A snapshot that can't be restored is a
// report, too. Errors are those of the machine and ctx's.
func drillEtcd(ctx context.Context, c *drill.RestoreConfig, dir string, say func(string)) (r *drill.Report, err error) {
	r = &drill.Report{At: time.Now(), Backup: c.Etcd, Version: etcdversion.Version, Checks: []drill.RestoreCheck{}}
	lap := func(since time.Time) float64 { return sim.MillisOf(time.Since(since)) }
	notRestored := func(err error) (*drill.Report, error) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.Outcome, r.Why = drill.NotRestored, err.Error()
		return r, nil
	}
	say("reading " + c.Etcd)
	began := time.Now()
	s, err := cluster.ReadSnapshot(c.Etcd)
	if err != nil {
		return notRestored(err)
	}
	r.Check("checksum", true, "the file is as it was when it was saved")
	info, err := os.Stat(c.Etcd)
	if err != nil {
		return notRestored(err)
	}
	saved, age := info.ModTime(), sim.MillisOf(r.At.Sub(info.ModTime()))
	r.Newest, r.RPOMS = &saved, &age
	r.CopyMS = lap(began)

	home := "" // the cluster makes and removes a temporary folder, even after a kill
	if dir != "" {
		var remove func() error
		if home, remove, err = guard.TempDir(dir, "quorumlab-drill-"); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, remove()) }()
	}
	var names []string
	for i := range drillMembers {
		names = append(names, fmt.Sprint("restored-", i+1))
	}
	members, err := cluster.New(cluster.Options{Names: names, Dir: home})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, members.Close()) }()
	say(fmt.Sprintf("restoring %s", counted(drillMembers, "member")))
	began = time.Now()
	if err := members.Restore(ctx, c.Etcd, 0); err != nil {
		return notRestored(err)
	}
	r.ReplayMS = lap(began)
	began = time.Now()
	if err := verifyEtcd(ctx, members, s, c, r, say); err != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	r.VerifyMS = lap(began)
	r.Judge(c)
	return r, nil
}

// verifyEtcd looks at the restored store.
func verifyEtcd(ctx context.Context, members *cluster.Real, s cluster.Snapshot, c *drill.RestoreConfig, r *drill.Report,
	say func(string)) (err error) {
	say("comparing hashes, and asking for keys")
	hashes, err := members.CompareHashes(ctx, 1, 2, 3)
	if err != nil {
		return err
	}
	same := true
	for _, h := range hashes {
		same = same && h.Hash == hashes[0].Hash
	}
	r.Check("hash", same, "%s: %d at revision %d", map[bool]string{true: "all members agree", false: "members " +
		"differ"}[same],
		hashes[0].Hash, hashes[0].Revision)
	r.Check("revision", hashes[0].Revision >= s.Revision && hashes[0].Revision >= c.Revision,
		"%d, the snapshot is of %d%s", hashes[0].Revision, s.Revision, atLeast(c.Revision))
	client, err := members.Client()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for _, k := range c.Keys {
		a, err := client.Get(ctx, k.Key)
		switch {
		case err != nil:
			return err
		case len(a.Kvs) == 0:
			r.Check(k.Key, false, "there is no such key")
		default:
			got := string(a.Kvs[0].Value)
			r.Check(k.Key, got == k.Value, "%s", differs(got, k.Value))
		}
	}
	for _, n := range c.Counts {
		a, err := client.Get(ctx, n.Prefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			return err
		}
		r.Check("keys "+n.Prefix, a.Count == n.Keys, "%s", differs(fmt.Sprint(a.Count), fmt.Sprint(n.Keys)))
	}
	return nil
}

// differs is what was found, and if it is not that, what was wanted.
func differs(got, want string) string {
	const most = 200
	if got == want {
		return fmt.Sprintf("%.*s", most, got)
	}
	return fmt.Sprintf("%.*s, want %.*s", most, got, most, want)
}

func atLeast(revision int64) string {
	if revision == 0 {
		return ""
	}
	return fmt.Sprintf(", and at least %d is wanted", revision)
}
