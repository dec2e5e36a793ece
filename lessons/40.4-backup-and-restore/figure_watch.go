package backupandrestore

import (
	"fmt"

	"quorumlab/plots/chart"
)

// chartOfWatches draws the store's revision across the restores, and the position of the
// watch: the revision that it waits for.
func chartOfWatches(stories []story) chart.Chart {
	c := chart.Chart{
		Name: "watch-across-restore", Title: "A watch is silent until the restored store reaches its revision",
		Subtitle: fmt.Sprintf("orders written one by one; saved after order %d, restored after order %d, which the watch "+
			"has seen", savedOrders, seenOrders),
		About: "Solid: the store's revision after each order. Dashed: the revision that the watch waits for. While the " +
			"store is below it, the watch receives nothing. Where the dashed line ends, the watch was told that its revision " +
			"is compacted.",
	}
	for _, s := range stories {
		store, watch := s.lines()
		c.Panels = append(c.Panels, chart.Lines{
			Title: fmt.Sprintf("Restored with a bump of %d", s.bump),
			X:     chart.Axis{Label: "orders written", Min: 0, Max: seenOrders + moreOrders},
			Y:     chart.Axis{Label: "revision", Min: 0, Max: 180},
			Series: []chart.Series{
				{Name: "the store's revision", Points: store},
				{Name: "the watch waits for", Points: watch, Steps: true},
			},
			Moments: []chart.Reference{{Name: s.moment(), At: seenOrders}},
		})
	}
	return c
}

// moment says what the restore did to the watch.
func (s *story) moment() string {
	if s.refusal != "" {
		return "restored: error"
	}
	return "restored: silence"
}

// lines are the points of the two.
func (s *story) lines() (store, watch []chart.XY) {
	heard, next := 0, int64(0)
	for i, rev := range s.writes {
		x := float64(i + 1)
		if i == seenOrders {
			store = append(store, chart.XY{X: seenOrders, Y: float64(s.restored)})
		}
		store = append(store, chart.XY{X: x, Y: float64(rev)})
		switch {
		case i < seenOrders:
			next = rev + 1
		case s.refusal != "":
			continue
		case heard < len(s.heard) && s.heard[heard] <= rev:
			next = s.heard[heard] + 1
			heard++
		}
		watch = append(watch, chart.XY{X: x, Y: float64(next)})
	}
	return store, watch
}
