package backupandrestore

import (
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func tableOfSizes(rows []saved) lessons.Table {
	t := lessons.Table{Name: "snapshots", Title: "Saving and restoring", Head: []string{"orders", "file", "save",
		"restore"}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{
			fmt.Sprint(r.orders), sim.Size(r.bytes).Rounded(),
			sim.RoundedTime(r.save), sim.RoundedTime(r.restore),
		})
	}
	return t
}

// chartOfSizes draws what a store of each size took.
func chartOfSizes(rows []saved) chart.Chart {
	line := func(name string, of func(saved) float64) chart.Series {
		s := chart.Series{Name: name, Marks: true}
		for _, r := range rows {
			s.Points = append(s.Points, chart.XY{X: float64(r.orders), Y: of(r)})
		}
		return s
	}
	ms := func(d time.Duration) float64 { return sim.MillisOf(d) }
	keys := chart.Axis{Label: "orders of 1 KiB in the store", Whole: true}
	return chart.Chart{
		Name: "snapshot-cost", Title: "The time to save and restore grows with the file",
		Subtitle: "one of three members is saved while it serves; the restore creates one member's data",
		About:    "Left: the time to save and to restore, by the number of keys. Right: the file size.",
		Panels: []chart.Panel{
			chart.Lines{Title: "Time", X: keys, Y: chart.Axis{Label: "time (ms)"}, Series: []chart.Series{
				line("save", func(r saved) float64 { return ms(r.save) }),
				line("restore", func(r saved) float64 { return ms(r.restore) }),
			}},
			chart.Lines{Title: "File", X: keys, Y: chart.Axis{Label: "size (MiB)"}, Series: []chart.Series{
				line("", func(r saved) float64 { return lessons.MiB(r.bytes) }),
			}},
		},
	}
}
