package plans

import (
	"fmt"
	"strconv"

	"quorumlab/plots/chart"
	"quorumlab/sim/plan"
)

func init() {
	register(PlanFigure{
		Name: "quorum", Answer: "quorum", Order: 10,
		About: "Whether the remaining members are a quorum when some fail together. An even number tolerates no more " +
			"failures than the odd number below it.",
		Points: func(p *Planned) (PlanPoints, error) { return quorumMatrix(p.Input.Members), nil },
	})
	register(PlanFigure{
		Name: "zones", Answer: "zones", Order: 30,
		About: "Whether a quorum is left when a zone is lost with all its members: the plan's placement first, then " +
			"others with as many members, best first.",
		Points: zoneMatrix,
	})
}

// quorumMatrix is what so many members, and other numbers, hold.
func quorumMatrix(own int) matrixPoints {
	m := matrixPoints{Title: "How many may fail together", RowAxis: "members that fail together", ColumnAxis: "members",
		Holds: "a quorum is left", Breaks: "the quorum is lost"}
	const most = 9
	for n := 1; n <= max(most, own); n++ {
		name := strconv.Itoa(n)
		if n == own {
			name = "plan: " + name
		}
		m.Columns = append(m.Columns, name)
	}
	for failed := 1; failed <= plan.Tolerates(len(m.Columns))+1; failed++ {
		m.Rows = append(m.Rows, strconv.Itoa(failed))
		var row []matrixCell
		for n := 1; n <= len(m.Columns); n++ {
			c := matrixCell{Holds: failed <= plan.Tolerates(n)}
			if left := n - failed; left >= 0 {
				c.Text = fmt.Sprintf("%d, needs %d", left, plan.Quorum(n))
			}
			row = append(row, c)
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}

// mostRows is how many placements a matrix shows beside the plan's own.
const mostRows = 7

func zoneMatrix(p *Planned) (PlanPoints, error) {
	if len(p.Input.Zones) == 0 {
		return nil, chart.Nothing("there are no zones")
	}
	m := matrixPoints{Title: "Which zone's loss breaks the quorum", RowAxis: "members in each zone",
		ColumnAxis: "the zone that is lost",
		Holds:      "a quorum is left", Breaks: "the quorum is lost"}
	need := plan.Quorum(p.Input.Members)
	for z := range p.Input.Zones {
		m.Columns = append(m.Columns, "zone "+string(rune('a'+z)))
	}
	row := func(name string, placed plan.Placement) {
		m.Rows = append(m.Rows, name)
		var cells []matrixCell
		for z, k := range placed {
			left := p.Input.Members - k
			cells = append(cells, matrixCell{fmt.Sprintf("%d left, %d needed", left, need), placed.Survives(z)})
		}
		m.Cells = append(m.Cells, cells)
	}
	row("this plan: "+p.Input.Zones.String(), p.Input.Zones)
	for _, r := range p.Zones.Placements {
		if !r.Chosen && len(m.Rows) <= mostRows {
			row(r.Placement.String(), r.Placement)
		}
	}
	return m, nil
}
