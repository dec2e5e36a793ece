package sidebyside

import (
	"fmt"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// chartOfBoth draws what both lose, how long they take, and what their clients see.
func chartOfBoth(ds []*disaster, m undone, missed int) chart.Chart {
	etcd := chart.Series{Name: "etcd, restored", Bare: true}
	server := chart.Series{Name: "PostgreSQL, restored", Bare: true}
	for _, d := range ds {
		etcd.Points = append(etcd.Points, chart.XY{X: float64(d.at), Y: float64(d.at - d.etcd)})
		server.Points = append(server.Points, chart.XY{X: float64(d.at), Y: float64(d.at - d.pg)})
	}
	last := ds[len(ds)-1]
	took := chart.BarSet{Name: "until it answers"}
	for _, ms := range []float64{sim.MillisOf(last.etcdTook), sim.MillisOf(last.pgTook)} {
		took.Values = append(took.Values, ms)
		took.Labels = append(took.Labels, fmt.Sprintf("%.0f ms", ms))
	}
	row := func(name, etcd string, good bool, pg string, goodToo bool) chart.MatrixRow {
		mood := map[bool]chart.Mood{true: chart.Good, false: chart.Bad}
		return chart.MatrixRow{Name: name, Cells: []chart.Cell{{Text: etcd, Mood: mood[good]}, {Text: pg,
			Mood: mood[goodToo]}}}
	}
	return chart.Chart{
		Name: "both", Title: "Snapshots lose what came since; an archive loses what is not in it yet",
		Subtitle: fmt.Sprintf("a snapshot of etcd every %d orders; one base backup after order %d, and WAL archived every "+
			"%d; the times depend on the machine", snapshotEvery, baseAt, archiveEvery),
		About: "Left: how many orders each store lacks after a restore, against the order after which everything was lost; " +
			"the dashed lines are what the schedules predict. Middle: how long the last restores took. Right: what " +
			"clients see; dark cells are what they must be ready for.",
		Panels: []chart.Panel{
			chart.Lines{Title: "Lost orders", X: chart.Axis{Label: "orders when all is lost", Min: 20, Max: 105, Whole: true},
				Y: chart.Axis{Label: "orders lost", Min: 0, Max: 30, Whole: true}, Series: []chart.Series{etcd, server,
					{Name: "by the schedules", Points: saw(snapshotEvery), Expected: true},
					{Name: "by the schedules", Points: saw(archiveEvery), Expected: true}}},
			chart.Bars{Title: "Time until service", Names: []string{"etcd", "PostgreSQL"},
				Y: chart.Axis{Label: "time (ms)", Min: 0}, Sets: []chart.BarSet{took}},
			chart.Matrix{Corner: "clients", Columns: []string{"etcd", "PostgreSQL"}, Rows: []chart.MatrixRow{
				row("undo a mistake", fmt.Sprintf("%d of %d", m.etcd, mistakeAt), m.etcd == mistakeAt,
					fmt.Sprintf("%d of %d", m.pg, mistakeAt), m.pg == mistakeAt),
				row("follow changes", fmt.Sprintf("miss %d", missed), missed == 0, "slot is gone", false),
				row("open sessions", "go on", true, "break", false),
				row("counters", "go back", false, "timeline 2", true),
			}},
		},
	}
}

// saw is how many orders are lost with something that is saved so often.
func saw(every int) (points []chart.XY) {
	saved := baseAt
	for n := baseAt; n <= disasters[len(disasters)-1]; n++ {
		if n%every == 0 {
			points = append(points, chart.XY{X: float64(n), Y: float64(n - saved)})
			saved = n
		}
		points = append(points, chart.XY{X: float64(n), Y: float64(n - saved)})
	}
	return points
}
