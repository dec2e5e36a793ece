package backupandrestore

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// The store that is saved: orders whose value fills most of a page.
const (
	damagedOrders = 400
	valueSize     = 3 << 10
)

// balance is the value that is damaged.
const (
	balanceKey = "orders/balance"
	balance    = "the balance is 1000"
)

// trial is what etcd's tool makes of one file.
type trial struct {
	name    string // of its facts
	what    string
	status  cluster.ToolAnswer
	restore cluster.ToolAnswer
	skip    cluster.ToolAnswer // a restore that does not look at the checksum
	orders  int                // of which the status knows
	value   string             // of the balance, in what was restored without the checksum
}

// runDamage saves a store, damages copies of the file, and asks etcd's tool about each.
func runDamage(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	ctx, cancel := context.WithTimeout(ctx, lessons.Enough)
	defer cancel()
	whole, killed, acked, err := makeFiles(ctx, env)
	if err != nil {
		return nil, err
	}
	in := func(name string) string { return filepath.Join(env.Dir, name) }
	if err := flip(whole, in("flip.db"), balance); err != nil {
		return nil, err
	}
	if err := cut(whole, in("cut.db"), damagedOrders*valueSize/2); err != nil {
		return nil, err
	}
	if err := cut(whole, in("sum.db"), -32); err != nil {
		return nil, err
	}
	trials := []*trial{
		{name: "whole", what: "none"}, {name: "flip", what: "one bit flipped in a value"},
		{name: "cut", what: "truncated in the middle"}, {name: "sum", what: "truncated before its checksum"},
		{name: "copy", what: "not a snapshot: a killed member's file, copied"},
	}
	files := map[string]string{"whole": whole, "flip": in("flip.db"), "cut": in("cut.db"), "sum": in("sum.db"),
		"copy": killed}
	o := &lessons.Observations{}
	for _, t := range trials {
		env.Say("%s", t.what)
		if err := t.run(ctx, files[t.name], in("restored-"+t.name)); err != nil {
			return nil, err
		}
		t.tell(o)
	}
	copied := trials[len(trials)-1]
	o.Measure("copy.missing", float64(acked-copied.orders), "", "acknowledged orders that are not in the copied file, "+
		"but in the WAL next to it")
	all := "yes"
	if copied.orders < acked {
		all = "no"
	}
	o.Tell("copy.all", all, "whether every acknowledged order is in the copied file")
	hash := "another"
	if trials[0].status.Hash == trials[1].status.Hash {
		hash = "the same"
	}
	o.Tell("flip.hash", hash, "the hash that status prints for the file with the flipped bit, compared with the whole "+
		"file's")
	o.Tell("flip.value", trials[1].value, "what the restored store says; the truth is: "+balance)
	return o, o.Draw(chartOfDamage(trials, acked))
}

// makeFiles makes a whole snapshot and the database file of a member that was killed, and
// tells how many orders it had acknowledged.
func makeFiles(ctx context.Context, env *lessons.Env) (whole, killed string, acked int, err error) {
	whole, killed = filepath.Join(env.Dir, "whole.db"), filepath.Join(env.Dir, "killed.db")
	err = lessons.WithClient(ctx, members(1), func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		if _, err := cl.Put(ctx, balanceKey, balance); err != nil {
			return err
		}
		if err := fill(ctx, cl, 1, damagedOrders, strings.Repeat(".", valueSize)); err != nil {
			return err
		}
		if _, err := c.Snapshot(ctx, 1, whole); err != nil {
			return err
		}
		acked = damagedOrders + 1
		return killAndCopy(ctx, env, c, cl, killed, &acked)
	})
	return whole, killed, acked, err
}

// killTries is how often a member is killed until its file lacks something. etcd commits its
// database ten times a second, so it is rare that one does not do.
const killTries = 5

// killAndCopy writes orders, kills the member right behind the last acknowledgement and
// copies its database file.
func killAndCopy(ctx context.Context, env *lessons.Env, c *cluster.Real, cl *clientv3.Client, to string,
	acked *int) error {
	m := c.Member(1)
	for range killTries {
		env.Say("kill -9, and a copy of the database file")
		if err := write(ctx, cl, *acked, *acked+49); err != nil {
			return err
		}
		*acked += 50
		m.Crash()
		if err := copyOfDead(ctx, m, to); err != nil {
			return err
		}
		a, err := cluster.SnapshotTool{}.Status(ctx, to)
		if err != nil || a.OK() && a.Keys < *acked {
			return err
		}
		if err := m.Start(); err != nil {
			return err
		}
		if err := m.Ready(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("killed %d times, but nothing was missing", killTries)
}

// copyOfDead copies the database file as the killed process left it.
func copyOfDead(ctx context.Context, m *cluster.Member, to string) error {
	if err := m.Settle(ctx); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(m.DataDir(), "member", "snap", "db"))
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, fs.FileMode(0o600))
}

// run asks the tool three times about a file.
func (t *trial) run(ctx context.Context, file, dir string) (err error) {
	if t.status, err = (cluster.SnapshotTool{}).Status(ctx, file); err != nil {
		return err
	}
	t.orders = t.status.Keys
	if t.restore, err = (cluster.SnapshotTool{}).Restore(ctx, file, dir); err != nil {
		return err
	}
	if t.skip, err = (cluster.SnapshotTool{SkipHashCheck: true}).Restore(ctx, file, dir+"-skip"); err != nil ||
		!t.skip.OK() {
		return err
	}
	values, err := valuesIn(filepath.Join(dir+"-skip", "member", "snap", "db"))
	t.value = values[balanceKey]
	return err
}

// Why a restore refuses a file, in short.
const (
	wrongSum = "wrong sha256"
	noSum    = "missing hash"
)

// verdict is an answer in a word. Whether a damaged file is refused or ends the tool depends on
// the page that it reads first.
func verdict(a cluster.ToolAnswer) string {
	if a.OK() {
		return "ok"
	}
	return "fails"
}

// why is the reason that the restore gives, in short.
func (t *trial) why() string {
	switch r := t.restore.Refusal; {
	case strings.Contains(r, "expected sha256"):
		return wrongSum
	case strings.Contains(r, "missing hash"):
		return noSum
	case r != "":
		return r
	}
	return verdict(t.restore)
}

func (t *trial) tell(o *lessons.Observations) {
	o.Tell(t.name+".status", verdict(t.status), "snapshot status of a file with this damage: "+t.what)
	o.Tell(t.name+".restore", t.why(), "snapshot restore of it")
	o.Tell(t.name+".skip", verdict(t.skip), "snapshot restore --skip-hash-check of it")
}
