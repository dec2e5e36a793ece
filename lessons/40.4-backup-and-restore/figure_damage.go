package backupandrestore

import (
	"fmt"

	"quorumlab/plots"
	"quorumlab/sim/etcdsim"
)

// chartOfDamage draws what each command made of each file. acked is how many orders the
// killed member had acknowledged.
func chartOfDamage(trials []*trial, acked int) plots.Chart {
	m := plots.Matrix{Corner: "damage", Columns: []string{"snapshot status", "snapshot restore", "restore --skip-hash-check"}, Remarks: "consequence"}
	for _, t := range trials {
		m.Rows = append(m.Rows, plots.MatrixRow{Name: t.what, Cells: t.cells(), Remark: t.remark(acked)})
	}
	return plots.Chart{
		Name: "damaged-files", Title: "Only a restore verifies the checksum, and only a snapshot has one",
		Subtitle: "etcdutl of etcd 3.7, each run in its own process",
		About:    "Rows are files, columns the etcdutl commands that read them. Dark cells are wrong: the command reports no problem, or crashes.",
		Panels:   []plots.ChartPanel{m},
	}
}

func (t *trial) cells() []plots.Cell {
	whole := t.name == "whole"
	cell := func(a etcdsim.ToolAnswer, text string) plots.Cell {
		switch {
		case a.Died != "":
			return plots.Cell{Text: "crashes", Mood: plots.Bad}
		case a.Refusal != "":
			return plots.Cell{Text: "rejects: " + text, Mood: plots.Good}
		case whole:
			return plots.Cell{Text: text, Mood: plots.Good}
		}
		return plots.Cell{Text: text, Mood: plots.Bad}
	}
	counted := "bad page"
	if t.status.OK() {
		counted = fmt.Sprintf("ok, %d keys", t.orders)
	}
	status := cell(t.status, counted)
	skip := cell(t.skip, "restored")
	if t.skip.OK() && t.name == "sum" {
		skip.Mood = plots.Partly
	}
	if t.status.OK() && t.name == "sum" {
		status.Mood = plots.Partly
	}
	return []plots.Cell{status, cell(t.restore, map[string]string{wrongSum: "sha256", noSum: "no hash", "ok": "restored"}[t.why()]), skip}
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
