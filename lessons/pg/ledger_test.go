package pg_test

import (
	"context"
	"strings"
	"testing"

	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
	"quorumlab/lessons/pg"
)

func TestLedger(t *testing.T) {
	postgrestest.Programs(t)
	ok(t, pg.OnLedger(t.Context(), func(ctx context.Context, l *pg.Ledger) error {
		at, err := pg.Book(ctx, l.Live, 1, 5)
		ok(t, err)
		ok(t, l.BackUp(ctx, "monday"))
		more, err := pg.Book(ctx, l.Live, 6, 9)
		ok(t, err)
		before, err := pg.Now(ctx, l.Live)
		ok(t, err)
		ok(t, l.Live.Exec(ctx, "", "drop table ledger"))
		_, err = l.Live.SwitchWAL(ctx, l.Archive)
		ok(t, err)
		for i, when := range append(at, more...)[1:] {
			if !when.After(append(at, more...)[i]) {
				t.Errorf("entry %d is not after the one before", i+2)
			}
		}
		promoted := func(name, value string) map[string]string {
			return map[string]string{name: value, "recovery_target_action": "promote"}
		}
		for _, c := range []struct {
			name     string
			settings map[string]string
			want     pg.Found
		}{
			{"latest", nil, pg.Found{Timeline: 2}},
			{"seven", promoted("recovery_target_time", pg.Stamp(more[1])), pg.Found{Table: true, Rows: 7, Timeline: 2}},
			{"before", promoted("recovery_target_time", pg.Stamp(before)), pg.Found{Table: true, Rows: 9, Timeline: 2}},
			{"in-drop", map[string]string{"recovery_target_time": pg.Stamp(before)},
				pg.Found{Table: true, Locked: true, Timeline: 1}},
			{"never", promoted("recovery_target_name", "nowhere"),
				pg.Found{Refused: "recovery ended before configured recovery target was reached"}},
		} {
			got, err := l.Try(ctx, c.name, "monday", c.settings)
			ok(t, err)
			if stopped := got.Stopped; c.settings != nil && c.want.Refused == "" && !strings.HasPrefix(stopped,
				"before commit of transaction ") {
				t.Errorf("%s: it stopped %q", c.name, stopped)
			}
			got.Stopped = ""
			if got != c.want {
				t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
			}
		}
		l.Note("cp "+l.Path("monday")+" "+l.Path("archive"), "done")
		rows := l.Commands().Rows
		if len(rows) != 2 || rows[0][0] != "pg_basebackup -D monday -c fast -X none" || rows[1][0] != "cp monday archive" {
			t.Errorf("the table has %q", rows)
		}
		if _, err := l.Try(ctx, "tuesday", "tuesday", nil); err == nil {
			t.Error("a backup that is not there is restored")
		}
		return l.Live.Stop(ctx, postgres.Fast)
	}))
}

func TestFound(t *testing.T) {
	for want, f := range map[string]pg.Found{"refused": {Refused: "why"}, "no table": {}, "7": {Table: true, Rows: 7},
		"waits for a lock": {Table: true, Locked: true}} {
		if f.String() != want {
			t.Errorf("it is %s, want %s", f, want)
		}
	}
}
