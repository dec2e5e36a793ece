package pgrestore

import (
	"context"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// shop is the database that is dumped, and restored to the database copy.
var shop = pg.Shop{Name: "shop", Orders: 1000, Scans: 40}

// bench is a server with the shop, a dump of it, and what was in it then.
type bench struct {
	*postgres.Server
	sh     *pg.Shell
	dumped pg.Content
}

// withDump makes the shop and dumps it to shop.dump. prepare is executed in the shop before that.
func withDump(ctx context.Context, env *lessons.Env, p pg.Shop, prepare []string,
	do func(ctx context.Context, b *bench) error) error {
	return pg.OnServer(ctx, p.Server(), func(ctx context.Context, h *postgres.Home, s *postgres.Server) error {
		env.Say("a shop with %d orders, and a dump of it", p.Orders)
		if err := s.Exec(ctx, p.Name, prepare...); err != nil {
			return err
		}
		sh, err := pg.NewShell(h, s, "dumps")
		if err != nil {
			return err
		}
		if _, err := sh.Must(ctx, "pg_dump -Fc -f shop.dump shop"); err != nil {
			return err
		}
		b := &bench{Server: s, sh: sh}
		if b.dumped, err = pg.Inside(ctx, s, p.Name); err != nil {
			return err
		}
		return do(ctx, b)
	})
}

// into types a command, after the database copy was emptied if it says so, and looks into the copy.
func (b *bench) into(ctx context.Context, empty bool, line string) (t pg.Typed, c pg.Content, err error) {
	if empty {
		if err = pg.Recreate(ctx, b.Server, "copy"); err != nil {
			return t, c, err
		}
	}
	if t, err = b.sh.Type(ctx, line); err != nil {
		return t, c, err
	}
	c, err = pg.Inside(ctx, b.Server, "copy")
	return t, c, err
}
