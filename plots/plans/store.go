package plans

import (
	"fmt"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

func init() {
	register(PlanFigure{
		Name: "growth", Answer: "growth", Order: 70,
		About: "Above, the database size over time against its quota: compacted as planned, and if compaction stops. " +
			"Below, a few compactions: pages in use rise with each write and fall at each compaction, while the file keeps " +
			"its largest size. The space between the two is free for new pages; a defrag would give it back.",
		Points: growthCurves,
	})
	register(PlanFigure{
		Name: "resources", Answer: "resources", Order: 80,
		About:  "What a member needs from its machine, and what for.",
		Points: func(p *Planned) (PlanPoints, error) { return resourceBars(p), nil },
	})
	register(PlanFigure{
		Name: "recovery", Answer: "recovery", Order: 90,
		About: "How long it takes until a member that lost its disk has the data again, and until a whole cluster is " +
			"restored from a saved snapshot, by the size of the database.",
		Points: recoveryCurves,
	})
}

// timeScale is the unit in which an axis of so many seconds is easy to read.
func timeScale(seconds float64) (size float64, name string) {
	switch {
	case seconds > 3*plan.Year.Seconds():
		return plan.Year.Seconds(), "years"
	case seconds > 3*86400:
		return 86400, "days"
	case seconds > 3*3600:
		return 3600, "h"
	case seconds > 180:
		return 60, "min"
	}
	return 1, "s"
}

// sizeScale is the unit in which an axis of so many bytes is easy to read.
func sizeScale(bytes float64) (size float64, name string) {
	switch {
	case bytes > 2<<30:
		return 1 << 30, "GiB"
	case bytes > 2<<20:
		return 1 << 20, "MiB"
	}
	return 1 << 10, "KiB"
}

func growthCurves(p *Planned) (PlanPoints, error) {
	g := p.Growth
	if len(g.Curve) == 0 {
		return nil, chart.Nothing("the load does not fit the quota at all")
	}
	quota := float64(p.Input.Quota)
	bytes, bytesName := sizeScale(quota)
	kept, without := curve{Name: "file, compacted"}, curve{Name: "file, if compaction stops", Colour: 1}
	for _, c := range g.Curve {
		if c.Kept <= 1.1*quota {
			kept.Xs, kept.Ys = append(kept.Xs, c.Seconds), append(kept.Ys, c.Kept/bytes)
		}
		if c.Without <= 1.1*quota {
			without.Xs, without.Ys = append(without.Xs, c.Seconds), append(without.Ys, c.Without/bytes)
		}
	}
	above := panel{X: axis{Label: "time", Log: true, Ticks: spanTicks}, Y: axis{Label: "size (" + bytesName + ")"},
		Curves: []curve{kept, without}, Levels: []spot{{Name: "quota: NOSPACE above it", Y: quota / bytes}}}
	return panelPoints{Title: "How large the database gets", Panels: []panel{above, cycles(p)}}, nil
}

// cycles are a few compactions.
func cycles(p *Planned) panel {
	g := p.Growth
	bytes, bytesName := sizeScale(g.Peak)
	unit, unitName := timeScale(4 * g.CompactEvery)
	file, used := curve{Name: "file, compacted"}, curve{Name: "pages in use", Colour: 2}
	full := (g.AfterCompact + g.CompactEvery*g.BytesPerSecond) / bytes
	for i := range 4 {
		begin, end := float64(i)*g.CompactEvery/unit, float64(i+1)*g.CompactEvery/unit
		used.Xs, used.Ys = append(used.Xs, begin, end), append(used.Ys, g.AfterCompact/bytes, full)
	}
	file.Xs, file.Ys = []float64{0, used.Xs[len(used.Xs)-1]}, []float64{g.Peak / bytes, g.Peak / bytes}
	return panel{X: axis{Label: fmt.Sprintf("time (%s), a compaction every %s", unitName, plan.Spell(g.CompactEvery*1e3))},
		Y: axis{Label: "size (" + bytesName + ")"}, Curves: []curve{file, used}}
}

func resourceBars(p *Planned) barPoints {
	unit, name := sizeScale(max(p.Resources.Memory, p.Resources.Disk))
	b := barPoints{Title: "What a member needs from its machine", Axis: axis{Label: "size (" + name + ")"},
		Keys: [3]string{"total", "of which"}}
	group := func(what string, total float64, parts []plan.Part) {
		b.Bars = append(b.Bars, amount{Name: what, Value: total / unit, Text: sim.Size(total).Rounded()})
		for _, x := range parts {
			b.Bars = append(b.Bars, amount{Name: x.Name, Value: x.Bytes / unit, Text: sim.Size(x.Bytes).Rounded(), Kind: 1})
		}
	}
	group("memory", p.Resources.Memory, p.Resources.MemoryParts)
	group("disk", p.Resources.Disk, p.Resources.DiskParts)
	return b
}

func recoveryCurves(p *Planned) (PlanPoints, error) {
	member, restore := curve{Name: "a replaced member"}, curve{Name: "all members from a snapshot", Colour: 1}
	for _, r := range p.Recovery.Curve {
		member.Xs, member.Ys = append(member.Xs, r.Bytes), append(member.Ys, r.Member)
		restore.Xs, restore.Ys = append(restore.Xs, r.Bytes), append(restore.Ys, r.Restore)
	}
	q := panel{X: axis{Label: "size of the database", Log: true, Ticks: sizeTicks},
		Y:      axis{Label: "time", Log: true, Ticks: recoveryTicks},
		Curves: []curve{member, restore}, Marks: []spot{{Name: "this plan", X: p.Growth.Peak, Y: p.Recovery.Member}}}
	return panelPoints{Title: "How long recovery takes", Panels: []panel{q}}, nil
}
