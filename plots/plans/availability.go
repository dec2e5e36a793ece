package plans

import (
	"fmt"

	"quorumlab/plots/chart"
	"quorumlab/sim/plan"
)

func init() {
	register(PlanFigure{
		Name: "downtime", Answer: "availability", Order: 20,
		About: "The expected time without a quorum per year, by the number of members: as if zones never failed, and in as " +
			"many zones as the plan has, placed as well as they allow. Where the two diverge, more members do not help: the " +
			"zones decide.",
		Points: downtime,
	})
	register(PlanFigure{
		Name: "placements", Answer: "zones", Order: 35,
		About:  "The expected time without a quorum per year, for every way to spread the plan's members over its zones.",
		Points: placementBars,
	})
}

func downtime(p *Planned) (PlanPoints, error) {
	alone, placed := curve{Name: "zones never fail", Dots: true}, curve{Name: "best placement, zones fail too", Colour: 1,
		Dots: true}
	for _, r := range p.Availability.ByMembers {
		n := float64(r.Members)
		alone.Xs, alone.Ys = append(alone.Xs, n), append(alone.Ys, r.Alone.DowntimeSeconds)
		placed.Xs, placed.Ys = append(placed.Xs, n), append(placed.Ys, r.Placed.DowntimeSeconds)
	}
	if alone.Ys[0] == 0 && placed.Ys[0] == 0 {
		return nil, chart.Nothing("nothing fails")
	}
	q := panel{X: axis{Label: "members", Whole: true}, Y: axis{Label: "per year without a quorum", Log: true,
		Ticks: spanTicks},
		Curves: []curve{alone, placed}}
	if len(p.Input.Zones) == 0 {
		alone.Name = "members fail independently"
		q.Curves = []curve{alone}
	}
	q.Marks = []spot{{Name: "this plan: " + plan.Spell(p.Availability.DowntimeSeconds*1e3), X: float64(p.Input.Members),
		Y: p.Availability.DowntimeSeconds}}
	return panelPoints{Title: "Downtime by the number of members", Panels: []panel{q}}, nil
}

// mostBars is how many placements are drawn.
const mostBars = 14

func placementBars(p *Planned) (PlanPoints, error) {
	b := barPoints{Title: "Downtime by placement", Axis: axis{Label: "per year without a quorum", Log: true,
		Ticks: spanTicks},
		Keys: [3]string{"survives the loss of any zone", "", "some zone's loss breaks the quorum"}}
	rows := p.Zones.Placements
	if len(rows) == 0 {
		return nil, chart.Nothing("there are no zones")
	}
	if rows[len(rows)-1].DowntimeSeconds == 0 {
		return nil, chart.Nothing("nothing fails")
	}
	if len(rows) < 2 {
		return nil, chart.Nothing("there is only one way to place the members")
	}
	for i, r := range rows {
		if i >= mostBars && !r.Chosen {
			continue
		}
		x := amount{Name: r.Placement.String(), Value: r.DowntimeSeconds, Text: plan.Spell(r.DowntimeSeconds * 1e3), Kind: 2}
		if r.AnyZone {
			x.Kind = 0
		}
		if r.Chosen {
			x.Name = "this plan: " + x.Name
		}
		b.Bars = append(b.Bars, x)
	}
	if more := len(rows) - len(b.Bars); more > 0 {
		b.Title += fmt.Sprintf(", the best %d of %d", len(b.Bars), len(rows))
	}
	return b, nil
}
