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
	"quorumlab/internal/stats"
)

// mostRatio is how much longer the restore of a drill may take than one by hand.
const mostRatio = 1.2

// BenchmarkRestore restores a base backup of about 250 MB in a drill, and by hand: a copy and PostgreSQL's own
// recovery. They are measured in pairs, each first in turn. The metric ratio is the median of what the one takes
// relative to the other, without the verification. Above mostRatio the benchmark fails, if it has five pairs or more.
func BenchmarkRestore(b *testing.B) {
	b.Setenv("TMPDIR", os.TempDir()) // on a disk
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
	byHand := func(i int) float64 {
		began := time.Now()
		srv, err := h.Restore(ctx, fmt.Sprint("by-hand-", i), backup, a, map[string]string{"fsync": "off"})
		check(err)
		check(srv.Start(ctx))
		took := time.Since(began)
		check(errors.Join(srv.Stop(ctx, postgres.Immediate), os.RemoveAll(srv.Data())))
		return took.Seconds()
	}
	drilled := func() float64 {
		r, err := drill.Run(ctx, config, drill.Options{Dir: h.Dir()})
		check(err)
		if r.Outcome != drill.Right {
			b.Fatalf("%+v", r)
		}
		return (r.CopyMS + r.ReplayMS) / 1000
	}
	var ratios, hands, drills []float64
	for i := 0; b.Loop(); i++ {
		var hand, tool float64
		if i%2 == 0 {
			hand = byHand(i)
			tool = drilled()
		} else {
			tool = drilled()
			hand = byHand(i)
		}
		ratios, hands, drills = append(ratios, tool/hand), append(hands, hand), append(drills, tool)
	}
	ratio := stats.Median(ratios)
	b.ReportMetric(ratio, "ratio")
	b.ReportMetric(stats.Median(hands), "s/by-hand")
	b.ReportMetric(stats.Median(drills), "s/drill")
	const enough = 5
	if len(ratios) >= enough && ratio > mostRatio {
		b.Errorf("a drill takes %.2f times as long as a restore by hand; the most is %.1f", ratio, mostRatio)
	}
}
