package backupandrestore

import (
	"fmt"

	"quorumlab/plots/chart"
	"quorumlab/sim/etcdsim/cluster"
)

// chartOfDamage draws what each command made of each file. acked is how many orders the
// killed member had acknowledged.
func chartOfDamage(trials []*trial, acked int) chart.Chart {
	m := chart.Matrix{Corner: "damage", Columns: []string{"snapshot status", "snapshot restore",
		"restore --skip-hash-check"}, Remarks: "consequence"}
	for _, t := range trials {
		m.Rows = append(m.Rows, chart.MatrixRow{Name: t.what, Cells: t.cells(), Remark: t.remark(acked)})
	}
	return chart.Chart{
		Name: "damaged-files", Title: "Only a restore verifies the checksum, and only a snapshot has one",
		Subtitle: "etcdutl of etcd 3.7, each run in its own process",
		About: "Rows are files, columns the etcdutl commands that read them. Dark cells are wrong: the command reports " +
			"no problem, or crashes.",
		Panels: []chart.Panel{m},
	}
}

func (t *trial) cells() []chart.Cell {
	whole := t.name == "whole"
	cell := func(a cluster.ToolAnswer, text string) chart.Cell {
		switch {
		case a.Died != "":
			return chart.Cell{Text: "crashes", Mood: chart.Bad}
		case a.Refusal != "":
			return chart.Cell{Text: "rejects: " + text, Mood: chart.Good}
		case whole:
			return chart.Cell{Text: text, Mood: chart.Good}
		}
		return chart.Cell{Text: text, Mood: chart.Bad}
	}
	counted := "bad page"
	if t.status.OK() {
		counted = fmt.Sprintf("ok, %d keys", t.orders)
	}
	status := cell(t.status, counted)
	skip := cell(t.skip, "restored")
	if t.skip.OK() && t.name == "sum" {
		skip.Mood = chart.Partly
	}
	if t.status.OK() && t.name == "sum" {
		status.Mood = chart.Partly
	}
	return []chart.Cell{status, cell(t.restore, map[string]string{wrongSum: "sha256", noSum: "no hash",
		"ok": "restored"}[t.why()]), skip}
}

// remark is what follows from a row.
func (t *trial) remark(acked int) string {
	switch t.name {
	case "flip":
		return fmt.Sprintf("without the check the store says %q", t.value)
	case "cut":
		return "reading half a file crashes, or finds a bad page"
	case "sum":
		return "only the checksum is missing"
	case "copy":
		return fmt.Sprintf("%d acknowledged keys are only in its WAL", acked-t.orders)
	}
	return "a working restore is the test of a backup"
}
