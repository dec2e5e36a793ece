package drill_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"quorumlab/internal/drill"
	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

// BenchmarkRestore restores a base backup of about 250 MB in a drill, and by hand: cp -a and PostgreSQL's own recovery.
// The metric ratio is the one relative to the other, without the verification; it should be at most 1.2.
func BenchmarkRestore(b *testing.B) {
	h := postgrestest.Open(b)
	ctx := b.Context()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	dir, err := h.Folder("archive")
	check(err)
	a := postgres.Archive{Dir: dir}
	s, err := h.Create(ctx, "live")
	check(err)
	check(errors.Join(s.Set("fsync", "off"), s.Set("autovacuum", "off"), s.Set("max_wal_size", "4GB"), s.ArchiveTo(a),
		s.Start(ctx)))
	check(s.Exec(ctx, "", "create unlogged table t (i int, page text)", "alter table t alter page set storage external",
		"insert into t select i, repeat(md5(i::text), 200) from generate_series(1, 32000) i", "alter table t set logged",
		"create table u as select generate_series(1, 1000) i"))
	backup := filepath.Join(h.Dir(), "monday")
	o, err := s.Run(ctx, postgres.Program("pg_basebackup", "-D", backup, "-c", "fast", "-X", "none"))
	check(errors.Join(err, o.Failed()))
	for range 5 {
		check(s.Exec(ctx, "", "update u set i = i + 1"))
		_, err := s.SwitchWAL(ctx, a)
		check(err)
	}
	config := &drill.RestoreConfig{Backup: backup, Archive: dir}
	var byHand, drilled time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		srv, err := h.Restore(ctx, fmt.Sprint("by-hand-", i), backup, a, map[string]string{"fsync": "off"})
		check(err)
		check(srv.Start(ctx))
		now := time.Now()
		byHand += now.Sub(began)
		check(errors.Join(srv.Stop(ctx, postgres.Immediate), os.RemoveAll(srv.Data())))
		r, err := drill.Run(ctx, config, drill.Options{Dir: h.Dir()})
		check(err)
		if r.Outcome != drill.Right {
			b.Fatalf("%+v", r)
		}
		drilled += time.Duration((r.CopyMS + r.ReplayMS) * float64(time.Millisecond))
	}
	b.ReportMetric(float64(drilled)/float64(byHand), "ratio")
	b.ReportMetric(byHand.Seconds()/float64(b.N), "s/by-hand")
	b.ReportMetric(drilled.Seconds()/float64(b.N), "s/drill")
}
