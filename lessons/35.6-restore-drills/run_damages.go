package restoredrills

import (
	"context"
	"strings"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// runDamages examines each damaged backup with each tool.
func runDamages(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	env.Say("a ledger, three base backups and their archives")
	return o, onShelf(ctx, func(ctx context.Context, s *shelf) error {
		var rows []chart.MatrixRow
		for _, d := range damages {
			env.Say("damage: %s", d.what)
			s.Note("damage: "+d.what, "")
			row, err := s.examineAll(ctx, d, o)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		o.Tell("source.basebackup", map[bool]string{true: found, false: nothing}[s.noticed],
			"pg_basebackup of a server with a damaged index")
		o.Tables = append(o.Tables, s.Commands())
		return o.DrawExact(chartOfDamages(rows))
	})
}

// examineAll examines a damaged backup with each tool.
func (s *shelf) examineAll(ctx context.Context, d damage, o *lessons.Observations) (row chart.MatrixRow, err error) {
	p, err := s.admit(d)
	if err != nil {
		return row, err
	}
	row = chart.MatrixRow{Name: d.what, Remark: d.remark}
	for _, tool := range tools {
		said, err := p.examine(ctx, tool)
		if err != nil {
			return row, err
		}
		o.Tell(d.name+"."+tool, said, toolNames[tool]+", with the damage: "+d.what)
		cell := chart.Cell{Text: said, Mood: chart.Blank}
		switch said {
		case found:
			cell.Mood = chart.Good
			if d.name == "healed" {
				cell.Mood = chart.Partly // the restore is right all the same
			}
		case nothing:
			cell.Mood = chart.Bad
			if d.name == "none" || d.name == "healed" {
				cell.Mood = chart.Neutral
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row, p.discharge(ctx)
}

// columnNames are the tools' names where there is little room.
var columnNames = map[string]string{"verifybackup": "verify backup", "start": "start", "query": "known answer",
	"dump": "pg_dump", "amcheck": "amcheck", "checksums": "checksums"}

func chartOfDamages(rows []chart.MatrixRow) chart.Chart {
	m := chart.Matrix{Corner: "damage", Rows: rows, Remarks: "why"}
	for _, tool := range tools {
		m.Columns = append(m.Columns, columnNames[tool])
	}
	return chart.Chart{
		Name: "damages", Title: "No tool finds everything; a known answer and pg_amcheck do together",
		Subtitle: "each damage in a copy of its own, restored to the end of the archive",
		About: "Rows are damages, columns what examines the backup: pg_verifybackup before the restore, starting it, a " +
			"query " +
			"with a known answer, and PostgreSQL's tools on the restored server. Dark cells have missed the damage.",
		Panels: []chart.Panel{m},
	}
}

// firstLine is the first line of the first text that has one.
func firstLine(texts ...string) string {
	for _, t := range texts {
		if line, _, _ := strings.Cut(strings.TrimSpace(t), "\n"); line != "" {
			return line
		}
	}
	return ""
}
