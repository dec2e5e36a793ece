package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// publicPrefix begins the keys that alice may read and write.
const publicPrefix = "pub/"

// GrantRoles makes the users root, alice and bob, and the role that lets alice read and write under
// pub/; then it enables etcd's authentication and waits until every running member has applied that.
// It does nothing without Options.TLS.Roles, and may be called again. It retries until ctx ends; the
// error is then the last one.
func (c *Real) GrantRoles(ctx context.Context) error {
	if !c.opt.TLS.Roles {
		return nil
	}
	for {
		err := c.grantRoles(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
			return fmt.Errorf("users and roles: %w", errors.Join(ctx.Err(), err))
		}
	}
}

func (c *Real) grantRoles(ctx context.Context) error {
	running := slices.DeleteFunc(c.Founders(), func(m *Member) bool { return m.running() == nil })
	if len(running) == 0 {
		return ErrDown
	}
	err := running[0].asRoot(func(cl *clientv3.Client) error { return grant(ctx, cl) })
	// A member that has not yet applied it would take requests without asking who sends them, and
	// they fail when they are applied.
	for _, m := range running {
		if err == nil {
			err = m.asRoot(func(cl *clientv3.Client) error { return guarded(ctx, cl) })
		}
	}
	return err
}

// asRoot asks a member alone.
func (m *Member) asRoot(ask func(*clientv3.Client) error) error {
	c, err := m.Dial()
	if err != nil {
		return err
	}
	return errors.Join(ask(c), c.Close())
}

// grant takes one step after the other. One that was taken before is none.
func grant(ctx context.Context, c *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	steps := []func() error{
		func() error { _, err := c.RoleAdd(ctx, "public"); return err },
		func() error {
			_, err := c.RoleGrantPermission(ctx, "public", publicPrefix, clientv3.GetPrefixRangeEnd(publicPrefix),
				clientv3.PermissionType(clientv3.PermReadWrite))
			return err
		},
	}
	for _, user := range []string{root, "alice", "bob"} {
		steps = append(steps, func() error {
			_, err := c.UserAddWithOptions(ctx, user, "", &clientv3.UserAddOptions{NoPassword: true})
			return err
		})
	}
	steps = append(steps,
		func() error { _, err := c.UserGrantRole(ctx, root, root); return err },
		func() error { _, err := c.UserGrantRole(ctx, "alice", "public"); return err },
		func() error { _, err := c.AuthEnable(ctx); return err },
	)
	for _, do := range steps {
		err := do()
		if err != nil && !errors.Is(err, rpctypes.ErrRoleAlreadyExist) && !errors.Is(err, rpctypes.ErrUserAlreadyExist) {
			return err
		}
	}
	return nil
}

// guarded says why a member does not ask for users yet. The answer comes through raft: who gives it
// has applied all that was before.
func guarded(ctx context.Context, c *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := c.AuthStatus(ctx)
	if err == nil && !r.Enabled {
		err = errors.New("authentication is not enabled yet")
	}
	return err
}
