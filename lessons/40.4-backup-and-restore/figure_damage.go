package backupandrestore

import (
	"fmt"

	"quorumlab/plots/chart"
	"quorumlab/sim/etcdsim/cluster"
)

// chartOfDamage draws what each command made of each file. acked is how many orders the
// killed member had acknowledged.
func chartOfDamage(trials []*trial, acked int) chart.Chart {
	m := chart.Matrix{Corner: "what is wrong with the file", Columns: []string{"snapshot status", "snapshot restore", "restore --skip-hash-check"}, Remarks: "so"}
	for _, t := range trials {
		m.Rows = append(m.Rows, chart.MatrixRow{Name: t.what, Cells: t.cells(), Remark: t.remark(acked)})
	}
	return chart.Chart{
		Name: "damaged-files", Title: "Only a restore looks at the checksum, and only a snapshot has one",
		Subtitle: "etcdutl of etcd 3.7, each in a process of its own",
		About:    "Rows are files, columns the commands of etcdutl that look at them. Dark cells are wrong: the command says that all is well, or does not survive the file.",
		Panels:   []chart.Panel{m},
	}
}

func (t *trial) cells() []chart.Cell {
	whole := t.name == "whole"
	cell := func(a cluster.ToolAnswer, text string) chart.Cell {
		switch {
		case a.Died != "":
			return chart.Cell{Text: "crashes", Mood: chart.Bad}
		case a.Refusal != "":
			return chart.Cell{Text: "refuses: " + text, Mood: chart.Good}
		case whole:
			return chart.Cell{Text: text, Mood: chart.Good}
		}
		return chart.Cell{Text: text, Mood: chart.Bad}
	}
	counted := "a page is wrong"
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
	return []chart.Cell{status, cell(t.restore, map[string]string{wrongSum: "sha256", noSum: "no hash", "ok": "restored"}[t.why()]), skip}
}

// remark is what follows from a row.
func (t *trial) remark(acked int) string {
	switch t.name {
	case "flip":
		return fmt.Sprintf("without the check the store says %q", t.value)
	case "cut":
		return "what opens half a file dies, or finds a wrong page"
	case "sum":
		return "nothing is missing but the proof"
	case "copy":
		return fmt.Sprintf("%d acknowledged keys are only in the log beside it", acked-t.orders)
	}
	return "a restore that works is the test of a backup"
}
