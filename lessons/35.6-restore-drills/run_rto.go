package restoredrills

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// The step restores the same base backup after each round of updates, of so many entries.
const (
	rounds  = 4
	entries = 12000
)

// drill is a timed restore.
type drill struct {
	segments             int // that the recovery took from the archive
	copy, replay, verify time.Duration
	same                 bool
}

func (d drill) whole() time.Duration { return d.copy + d.replay + d.verify }

// runRTO restores a base backup that gets older and older, and times the parts.
func runRTO(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, pg.InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		l, err := newLedger(ctx, h)
		if err != nil {
			return err
		}
		if err := l.Live.Exec(ctx, "", fmt.Sprintf("insert into ledger select i, 10 * i from generate_series(1, %d) i",
			entries), "vacuum freeze"); err != nil {
			return err
		}
		if err := l.BackUp(ctx, "monday"); err != nil {
			return err
		}
		var all []drill
		for i := range rounds {
			env.Say("a restore of a base backup that is %d rounds of updates old", i)
			if i > 0 {
				if err := l.Live.Exec(ctx, "", "update ledger set amount = amount", "vacuum ledger",
					"update ledger set amount = amount", "vacuum ledger"); err != nil {
					return err
				}
			} else if _, err := pg.Book(ctx, l.Live, entries+1, entries+1); err != nil {
				return err
			}
			if _, err := l.Live.SwitchWAL(ctx, l.Archive); err != nil {
				return err
			}
			d, err := timeRestore(ctx, l, fmt.Sprintf("drill-%d", i))
			if err != nil {
				return err
			}
			all = append(all, d)
		}
		tellDrills(o, all)
		o.Tables = append(o.Tables, l.Commands())
		return o.Draw(chartOfDrills(all))
	})
}

// timeRestore restores the backup, and verifies it.
func timeRestore(ctx context.Context, l *pg.Ledger, name string) (d drill, err error) {
	want, err := postgres.Value[string](ctx, l.Live, "", knownAnswer)
	if err != nil {
		return d, err
	}
	began := time.Now()
	lap := func(into *time.Duration) {
		*into = time.Since(began)
		began = time.Now()
	}
	srv, err := l.Restore(ctx, name, "monday", map[string]string{"autovacuum": "off"})
	if err != nil {
		return d, err
	}
	lap(&d.copy)
	if err := srv.Start(ctx); err != nil {
		return d, err
	}
	lap(&d.replay)
	got, err := postgres.Value[string](ctx, srv, "", knownAnswer)
	if err != nil {
		return d, err
	}
	o, err := srv.Run(ctx, postgres.Program("pg_amcheck", "-s", "public", "--heapallindexed", "--parent-check"))
	if err := errors.Join(err, o.Failed()); err != nil {
		return d, err
	}
	lap(&d.verify)
	d.same = got == want
	log, err := os.ReadFile(srv.LogFile())
	if err != nil {
		return d, err
	}
	d.segments = strings.Count(string(log), "restored log file \"00000001")
	l.Note("cp -a monday, restore_command, start, known answer, pg_amcheck", fmt.Sprintf("%d segments, the answer is %s",
		d.segments, map[bool]string{true: "right", false: "wrong"}[d.same]))
	return d, srv.Stop(ctx, postgres.Immediate)
}

func tellDrills(o *lessons.Observations, all []drill) {
	same, grows := true, true
	for i, d := range all {
		name := fmt.Sprintf("drill-%d", i)
		same = same && d.same
		grows = grows && (i == 0 || d.segments > all[i-1].segments)
		o.Measure(name+".segments", float64(d.segments), sim.Count, "segments that the recovery took from the archive")
		o.Measure(name+".copy", sim.MillisOf(d.copy), sim.Millis, "time to copy the base backup")
		o.Measure(name+".replay", sim.MillisOf(d.replay), sim.Millis, "time until the server was ready")
		o.Measure(name+".verify", sim.MillisOf(d.verify), sim.Millis, "time for the known answer and pg_amcheck")
	}
	first, last := all[0], all[len(all)-1]
	o.Tell("same", lessons.YesNo(same), "whether every restore has the rows of the source at that time")
	o.Tell("grows", lessons.YesNo(grows), "whether each restore had more WAL to replay than the one before")
	o.Tell("times-more", map[bool]string{true: "many times more", false: "about the " +
		"same"}[last.segments >= 4*first.segments],
		"WAL to replay by the last restore, compared to the first")
}

func chartOfDrills(all []drill) chart.Chart {
	sets := []chart.BarSet{{Name: "copy"}, {Name: "replay"}, {Name: "verify"}}
	line := chart.Series{Name: "the whole restore", Marks: true}
	var names []string
	for _, d := range all {
		names = append(names, fmt.Sprint(d.segments))
		for i, part := range []time.Duration{d.copy, d.replay, d.verify} {
			sets[i].Values = append(sets[i].Values, sim.MillisOf(part))
		}
		line.Points = append(line.Points, chart.XY{X: float64(d.segments), Y: sim.MillisOf(d.whole())})
	}
	const goal = 2
	return chart.Chart{
		Name: "rto", Title: "The older the base backup, the longer the replay",
		Subtitle: "one base backup, restored after each round of updates; the times depend on the machine",
		About: "Left: how long the parts of each restore took, against the segments of WAL (1 MB) that it replayed. Right: " +
			"the whole, and a goal of twice what the first took.",
		Panels: []chart.Panel{
			chart.Bars{Title: "Parts", Names: names, XLabel: "segments replayed", Y: chart.Axis{Label: "time (ms)"}, Sets: sets},
			chart.Lines{Title: "The whole", X: chart.Axis{Label: "segments replayed", Whole: true},
				Y: chart.Axis{Label: "time (ms)"}, Series: []chart.Series{line},
				Across: []chart.Reference{{Name: "goal (RTO)", At: goal * sim.MillisOf(all[0].whole())}}},
		},
	}
}
