package backupandrestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// What the desk's application has done when the disaster strikes: nightly.db was saved behind
// the tenth order, noon.db behind the twentieth, and one bit of it was lost since.
const (
	inNightly = 10
	inNoon    = 20
	atDesk    = 30
)

// desk is where a runbook is carried out: a cluster that is in ruins, an application that
// waits to place orders, a controller that watches them, and a folder of backups.
type desk struct {
	*cluster.Real
	dir  string
	app  *clientv3.Client // of all members
	ctrl *controller

	done     []string // what each command did
	after    string   // the newest whole snapshot of the cluster that is there now; empty: none
	afterHas int      // orders in it
}

// onDesk makes a cluster, has it work for a while, ruins it and calls do. survivor tells
// whether n1 keeps its disk.
func onDesk(ctx context.Context, env *lessons.Env, survivor bool, do func(ctx context.Context, d *desk) error) error {
	options := lessons.Brisk(3)
	options.Later = []string{"n4", "n5"}
	return lessons.WithVirtual(ctx, options, func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		d := &desk{Real: c, dir: env.Dir, app: cl}
		env.Say("%d orders, with two backups in between", atDesk)
		if err := d.work(ctx); err != nil {
			return err
		}
		ctrl, err := startController(ctx, c)
		if err != nil {
			return err
		}
		defer ctrl.stop()
		d.ctrl = ctrl
		seen, cancel := context.WithTimeout(ctx, lessons.Enough)
		defer cancel()
		if g := ctrl.gap(seen, keysOf(atDesk)); !g.none() {
			return fmt.Errorf("the controller has not seen %d orders: %w", g.missing, seen.Err())
		}
		env.Say("the disaster")
		if err := d.ruin(ctx, survivor); err != nil {
			return err
		}
		return do(ctx, d)
	})
}

// work places the orders and saves the backups.
func (d *desk) work(ctx context.Context) error {
	for _, b := range []struct {
		file string
		to   int
	}{{"nightly.db", inNightly}, {"noon.db", inNoon}, {"", atDesk}} {
		if err := write(ctx, d.app, b.to-9, b.to); err != nil {
			return err
		}
		if err := arrived(ctx, d.Real, 1); err != nil {
			return err
		}
		if b.file == "" {
			continue
		}
		if _, err := d.Snapshot(ctx, 1, d.path(b.file)); err != nil {
			return err
		}
	}
	return flip(d.path("noon.db"), d.path("noon.db"), order(inNoon))
}

// ruin kills members and empties their disks.
func (d *desk) ruin(ctx context.Context, survivor bool) error {
	for _, m := range d.Members()[:3] {
		if survivor && m.ID == 1 {
			continue
		}
		m.Crash()
		if err := m.Settle(ctx); err != nil {
			return err
		}
		if m.ID == 1 {
			if err := copyOfDead(ctx, m, d.path("copy.db")); err != nil {
				return err
			}
		}
		if err := m.Wipe(); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) path(file string) string { return filepath.Join(d.dir, file) }

// keysOf are those of the first orders.
func keysOf(n int) (keys []string) {
	for i := range n {
		keys = append(keys, order(i+1))
	}
	return keys
}

// commandTime is how long one command may take.
const commandTime = 30 * time.Second

// carryOut does a command and notes what came of it. A command that fails is noted, too; the
// error is ctx's.
func (d *desk) carryOut(ctx context.Context, c lessons.Command) error {
	try, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	said, err := d.command(try, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		said = "failed: " + d.short(err)
	}
	d.done = append(d.done, c.Text+": "+said)
	return nil
}

// short is an error in one line, without the folder's name.
func (d *desk) short(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.ReplaceAll(text, d.dir+string(filepath.Separator), "")
}

func (d *desk) command(ctx context.Context, c lessons.Command) (said string, err error) {
	switch c.Verb {
	case "status":
		return d.status(ctx, c.Args[0])
	case "verify":
		s, err := cluster.ReadSnapshot(d.path(c.Args[0]))
		return fmt.Sprintf("whole, revision %d", s.Revision), err
	case "snapshot":
		return d.save(ctx, memberOf(c.Args[0]), c.Args[1])
	case "restore":
		return d.restore(ctx, c.Args[0], c.Args[1])
	case "force-new-cluster":
		return d.forceNew(ctx, memberOf(c.Args[0]))
	case "join":
		return "promoted", join(ctx, d.Real, d.app, memberOf(c.Args[0]))
	}
	return "", errors.New("no such command") // the judge has refused it before
}

func (d *desk) status(ctx context.Context, file string) (string, error) {
	if _, err := os.Stat(d.path(file)); err != nil {
		return "", err
	}
	a, err := cluster.SnapshotTool{}.Status(ctx, d.path(file))
	switch {
	case err != nil:
		return "", err
	case a.OK():
		return fmt.Sprintf("%d keys, revision %d, hash %x", a.Keys, a.Revision, a.Hash), nil
	}
	return "", errors.New(a.Refusal + a.Died)
}

func (d *desk) save(ctx context.Context, id sim.MemberID, file string) (string, error) {
	s, err := d.Snapshot(ctx, id, d.path(file))
	if err != nil {
		return "", err
	}
	values, err := valuesIn(s.File)
	if err != nil {
		return "", err
	}
	d.after, d.afterHas = file, len(values)
	return fmt.Sprintf("%d orders, revision %d", len(values), s.Revision), nil
}

func (d *desk) restore(ctx context.Context, file, bump string) (string, error) {
	by, err := parseBump(bump)
	if err != nil {
		return "", err
	}
	if err := d.Restore(ctx, d.path(file), by); err != nil {
		return "", err
	}
	return d.revive(ctx)
}

func (d *desk) forceNew(ctx context.Context, id sim.MemberID) (string, error) {
	for _, m := range d.Members() {
		if err := m.Stop(ctx); err != nil {
			return "", err
		}
	}
	if err := d.ForceNewCluster(ctx, id); err != nil {
		return "", err
	}
	return d.revive(ctx)
}

// revive looks at a cluster that has just come back. Snapshots of what was before do not
// count as backups of it.
func (d *desk) revive(ctx context.Context) (string, error) {
	d.after, d.afterHas = "", 0
	h, err := look(ctx, d.app)
	return fmt.Sprintf("%d orders, revision %d", h.orders, h.revision), err
}
