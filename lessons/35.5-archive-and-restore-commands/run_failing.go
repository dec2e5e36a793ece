package archivecommand

import (
	"context"
	"fmt"
	"os"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// Rounds of the step, in each of which so many segments are written.
const (
	healthyRounds  = 4
	failingRounds  = 6
	repairedRounds = 3
	perRound       = 4
)

// roomForWAL are the settings of the step: WAL is kept as short as it can be.
var roomForWAL = map[string]string{"max_wal_size": "4MB", "min_wal_size": "2MB", "wal_recycle": "off"}

// round is what was there at the end of a round, after a checkpoint.
type round struct{ inWAL, waiting int }

// runFailing has the archive go away and come back, while the server writes.
func runFailing(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inStore(ctx, roomForWAL, func(ctx context.Context, s *store) error {
		var all []round
		env.Say("%d segments in each round, and the archive is there", perRound)
		if err := s.rounds(ctx, healthyRounds, true, &all); err != nil {
			return err
		}
		env.Say("the archive is not mounted any more")
		gone := s.Archive.Dir + ".gone"
		if err := os.Rename(s.Archive.Dir, gone); err != nil {
			return err
		}
		s.Note("umount archive (here: mv archive archive.gone)", "the server goes on")
		if err := s.rounds(ctx, failingRounds, false, &all); err != nil {
			return err
		}
		if err := s.tellFailing(ctx, o); err != nil {
			return err
		}
		env.Say("the archive is there again")
		if err := os.Rename(gone, s.Archive.Dir); err != nil {
			return err
		}
		s.Note("mount archive (here: mv archive.gone archive)", "")
		if err := s.rounds(ctx, repairedRounds, true, &all); err != nil {
			return err
		}
		names, err := s.Archive.Segments()
		if err != nil {
			return err
		}
		missing, err := gaps(names, smallPerLog)
		if err != nil {
			return err
		}
		healthy, end := 0, all[len(all)-1]
		for _, r := range all[:healthyRounds] {
			healthy = max(healthy, r.inWAL)
		}
		o.Count("healthy.segments", float64(healthy), "segments in pg_wal at most, while archiving works")
		o.Count("failing.segments", float64(all[healthyRounds+failingRounds-1].inWAL), "and at the end of the failure")
		o.Count("repaired.segments", float64(end.inWAL), "and afterwards")
		o.Count("repaired.waiting", float64(end.waiting), "segments that wait for the archive then")
		o.Count("missing", float64(len(missing)), "segments that the archive lacks in the end")
		o.Tables = append(o.Tables, s.Commands())
		return o.DrawExact(chartOfFailing(all))
	})
}

// rounds writes, waits for the archive if that works, and makes a checkpoint, after which WAL that nobody needs is
// removed.
func (s *store) rounds(ctx context.Context, n int, archives bool, all *[]round) error {
	for range n {
		if err := fill(ctx, s.Live, perRound); err != nil {
			return err
		}
		if archives {
			if _, err := switchWAL(ctx, s.Live); err != nil {
				return err
			}
		}
		if err := s.Live.Exec(ctx, "", "checkpoint"); err != nil {
			return err
		}
		kept, err := inWAL(s.Live)
		if err != nil {
			return err
		}
		w, err := waiting(s.Live)
		if err != nil {
			return err
		}
		*all = append(*all, round{kept, len(w)})
		s.Note(fmt.Sprintf("%d segments of WAL; checkpoint; ls pg_wal", perRound),
			fmt.Sprintf("segments: %d, .ready: %d", kept, len(w)))
	}
	return nil
}

// tellFailing tells what the server knows of the failure.
func (s *store) tellFailing(ctx context.Context, o *lessons.Observations) error {
	if err := until(ctx, s.Live, "select failed_count > 0 from pg_stat_archiver"); err != nil {
		return err
	}
	tries, err := postgres.Value[int](ctx, s.Live, "", "select failed_count from pg_stat_archiver")
	if err != nil {
		return err
	}
	last, err := postgres.Value[string](ctx, s.Live, "", "select last_failed_wal from pg_stat_archiver")
	if err != nil {
		return err
	}
	w, err := waiting(s.Live)
	if err != nil {
		return err
	}
	s.Note("select failed_count, last_failed_wal from pg_stat_archiver", fmt.Sprintf("%d, %s", tries, last))
	named := "another one"
	switch last {
	case w[0]:
		named = "the oldest"
	case w[len(w)-1]:
		named = "the newest"
	}
	o.Count("waiting", float64(len(w)), "segments that wait for the archive (.ready) at the end of the failure")
	o.Measure("failed-count", float64(tries), sim.Count, "failed_count then: tries, of one and the same segment")
	o.Tell("failed.names", named, "which of the waiting segments last_failed_wal names")
	return nil
}

// chartOfFailing draws what is in pg_wal.
func chartOfFailing(all []round) chart.Chart {
	kept := chart.Series{Name: "segments in pg_wal", Marks: true}
	ready := chart.Series{Name: "of them, waiting for the archive (.ready)", Marks: true}
	for i, r := range all {
		x := float64((i + 1) * perRound)
		kept.Points = append(kept.Points, chart.XY{X: x, Y: float64(r.inWAL)})
		ready.Points = append(ready.Points, chart.XY{X: x, Y: float64(r.waiting)})
	}
	const half = perRound / 2
	return chart.Chart{
		Name: "pg-wal", Title: "What is not archived stays: max_wal_size is no limit",
		Subtitle: "segments of 1 MB, max_wal_size = 4MB; a checkpoint after each 4 segments",
		About: "How many segments are in pg_wal after each checkpoint, against how many were written, and how many of them " +
			"wait for the archive, which is away between the two dotted lines.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "segments written", Whole: true}, Y: chart.Axis{Label: "segments in pg_wal", Whole: true},
			Series: []chart.Series{kept, ready},
			Across: []chart.Reference{{Name: "max_wal_size", At: 4}},
			Moments: []chart.Reference{{Name: "archive gone", At: healthyRounds*perRound + half},
				{Name: "archive back", At: (healthyRounds+failingRounds)*perRound + half}},
		}},
	}
}
