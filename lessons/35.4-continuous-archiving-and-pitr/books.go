package continuousarchiving

import (
	"context"
	"errors"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// books is a ledger to which accidents happen.
type books struct{ *pg.Ledger }

func onBooks(ctx context.Context, do func(ctx context.Context, b *books) error) error {
	return pg.OnLedger(ctx, func(ctx context.Context, l *pg.Ledger) error { return do(ctx, &books{l}) })
}

// afterMistake is onBooks after the mistake, which is in the archive.
func afterMistake(ctx context.Context, env *lessons.Env,
	do func(ctx context.Context, b *books, a accident) error) error {
	return onBooks(ctx, func(ctx context.Context, b *books) error {
		env.Say("a base backup, %d entries, DROP TABLE", atArchive-atBackup)
		a, err := b.mistake(ctx)
		if err != nil {
			return err
		}
		if _, err := b.Live.SwitchWAL(ctx, b.Archive); err != nil {
			return err
		}
		return do(ctx, b, a)
	})
}

// drop drops the ledger and returns the ID of the transaction that did.
func (b *books) drop(ctx context.Context) (xid string, err error) {
	c, err := b.Live.Connect(ctx, "", "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	tx, err := c.Begin(ctx)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, "drop table ledger"); err != nil {
		return "", errors.Join(err, tx.Rollback(ctx))
	}
	if err := tx.QueryRow(ctx, "select pg_current_xact_id()::text").Scan(&xid); err != nil {
		return "", errors.Join(err, tx.Rollback(ctx))
	}
	return xid, tx.Commit(ctx)
}
