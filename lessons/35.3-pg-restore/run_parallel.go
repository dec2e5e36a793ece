package pgrestore

import (
	"context"
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// largeShop takes long enough to restore for jobs to matter.
var largeShop = pg.Shop{Name: "shop", Orders: 60000, Scans: 500}

// sections are the parts of a restore, in their order.
var sections = []string{"pre-data", "data", "post-data"}

// jobs are how many are tried; each so often, and the shortest time counts.
var jobs = []int{1, 2, 4}

const repeats = 2

// stage is what a restore of one section brought.
type stage struct {
	section string
	took    time.Duration
	has     pg.Content // afterwards
}

// runParallel restores section by section, and then with several jobs.
func runParallel(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, withDump(ctx, env, largeShop, nil, func(ctx context.Context, b *bench) error {
		var stages []stage
		for i, section := range sections {
			env.Say("section %s", section)
			t, c, err := b.into(ctx, i == 0, fmt.Sprintf("pg_restore -d copy --section=%s shop.dump", section))
			if err != nil {
				return err
			}
			stages = append(stages, stage{section, t.Took, c})
			o.Count(section+".tables", float64(c.Tables), "tables after section "+section)
			o.Count(section+".rows", float64(c.Total()), "rows")
			o.Count(section+".indexes", float64(c.Indexes), "indexes")
			o.Count(section+".foreign-keys", float64(c.ForeignKeys), "foreign keys")
			o.Measure(section+".time", sim.MillisOf(t.Took), sim.Millis, "time for it")
		}
		times, err := b.timeJobs(ctx, env, o)
		if err != nil {
			return err
		}
		if err := b.refusals(ctx, o); err != nil {
			return err
		}
		o.Tables = append(o.Tables, b.sh.Table())
		return o.Draw(chartOfJobs(stages, times))
	})
}

// timeJobs restores with each number of jobs, and returns the shortest times.
func (b *bench) timeJobs(ctx context.Context, env *lessons.Env, o *lessons.Observations) (times []time.Duration,
	err error) {
	same := true
	for _, n := range jobs {
		var best time.Duration
		for i := range repeats {
			env.Say("%d jobs", n)
			t, c, err := b.into(ctx, true, fmt.Sprintf("pg_restore -d copy -j %d shop.dump", n))
			if err != nil {
				return nil, err
			}
			same = same && t.Code == 0 && len(c.SameData(b.dumped)) == 0 && c.Objects() == b.dumped.Objects()
			if i == 0 || t.Took < best {
				best = t.Took
			}
		}
		times = append(times, best)
		o.Measure(fmt.Sprintf("jobs-%d.time", n), sim.MillisOf(best), sim.Millis, fmt.Sprintf("time with %d jobs", n))
	}
	o.Tell("jobs.same", lessons.YesNo(same), "whether each of them brought back the same rows and objects")
	o.Measure("jobs.serial", serialShare(times), sim.Shares, "share of the restore that more jobs do not speed up, "+
		"fitted to these times")
	return times, nil
}

// refusals tries what does not go together with several jobs.
func (b *bench) refusals(ctx context.Context, o *lessons.Observations) error {
	if err := b.sh.All(ctx, "pg_dump -Ft -f shop.tar shop"); err != nil {
		return err
	}
	for _, r := range []struct{ name, line, what string }{
		{"transaction", "pg_restore -d copy -j 2 -1 shop.dump", "-j 2 with -1"},
		{"pipe", "cat shop.dump | pg_restore -d copy -j 2", "-j 2 from a pipe"},
		{"tar", "pg_restore -d copy -j 2 shop.tar", "-j 2 of a tar dump"},
	} {
		t, _, err := b.into(ctx, true, r.line)
		if err != nil {
			return err
		}
		o.Tell("refused."+r.name, map[bool]string{true: "refused", false: "accepted"}[t.Code != 0], r.what)
	}
	return nil
}

// serialShare fits Amdahl's law to the times: a part that is always the same, and one that is divided among the jobs.
// It returns the share of the first, by least squares.
func serialShare(times []time.Duration) float64 {
	always, divided := amdahl(times)
	if always+divided <= 0 {
		return 0
	}
	return min(max(always/(always+divided), 0), 1)
}

// amdahl fits seconds = always + divided / jobs.
func amdahl(times []time.Duration) (always, divided float64) {
	var n, sx, sy, sxx, sxy float64
	for i, t := range times {
		x, y := 1/float64(jobs[i]), t.Seconds()
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	divided = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return (sy - divided*sx) / n, divided
}

// chartOfJobs draws the times of the sections, and those of the jobs with the fit.
func chartOfJobs(stages []stage, times []time.Duration) chart.Chart {
	bars := chart.Bars{Title: "One job, section by section", Y: chart.Axis{Label: "time (ms)"}}
	set := chart.BarSet{}
	for _, s := range stages {
		bars.Names = append(bars.Names, s.section)
		set.Values = append(set.Values, float64(s.took.Milliseconds()))
	}
	bars.Sets = []chart.BarSet{set}
	measured := chart.Series{Name: "measured, the shortest of two", Marks: true}
	fit := chart.Series{Name: "Amdahl's law, fitted"}
	ideal := chart.Series{Name: "if all of it could be divided", Expected: true}
	always, divided := amdahl(times)
	for i, t := range times {
		measured.Points = append(measured.Points, chart.XY{X: float64(jobs[i]), Y: float64(t.Milliseconds())})
	}
	const steps = 30
	for i := range steps + 1 {
		x := 1 + float64(i)/10
		fit.Points = append(fit.Points, chart.XY{X: x, Y: (always + divided/x) * 1000})
		ideal.Points = append(ideal.Points, chart.XY{X: x, Y: float64(times[0].Milliseconds()) / x})
	}
	return chart.Chart{
		Name: "jobs", Title: "Data and indexes can be shared out among jobs, each table only as a whole",
		Subtitle: fmt.Sprintf("one database with %d orders, restored with pg_restore -j; the times depend on the machine",
			largeShop.Orders),
		About: "Left: how long each section takes with one job. Right: the time of the whole restore against the number of " +
			"jobs, with Amdahl's law (a part that is always the same, and one that is divided).",
		Panels: []chart.Panel{bars, chart.Lines{Title: "The whole, with several jobs", X: chart.Axis{Label: "jobs",
			Whole: true},
			Y: chart.Axis{Label: "time (ms)", Min: 0, Max: 1.15 * longest(times)}, Series: []chart.Series{measured, fit,
				ideal}}},
	}
}

func longest(times []time.Duration) (ms float64) {
	for _, t := range times {
		ms = max(ms, float64(t.Milliseconds()))
	}
	return ms
}
