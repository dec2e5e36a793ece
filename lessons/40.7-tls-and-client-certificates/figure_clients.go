package tlsandclientcertificates

import (
	"fmt"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// stageColumns are the stages of a client's way, as columns of the matrix.
var stageColumns = []sim.AccessStage{sim.StageConnect, sim.StageHandshake, sim.StageAuthentication,
	sim.StageAuthorization}

// clientsChart is the matrix of clients and stages.
func clientsChart(vs []visit) chart.Chart {
	m := chart.Matrix{Corner: "client", Remarks: "error"}
	for _, s := range stageColumns {
		m.Columns = append(m.Columns, s.String())
	}
	for _, v := range vs {
		row := chart.MatrixRow{Name: string(v.kind), Remark: v.told}
		for _, s := range stageColumns {
			row.Cells = append(row.Cells, v.cell(s))
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "clients", Title: "Which clients get in, and where the others are stopped",
		Subtitle: "one member; TLS, client certificates required, roles by common name",
		About: "One row per client: connection, TLS handshake, authentication (does etcd know the user?) and authorization " +
			"(may the user do it?). The numbers in the last column say how many of its four requests were granted.",
		Panels: []chart.Panel{m},
	}
}

// cell says what became of the client at a stage.
func (v visit) cell(s sim.AccessStage) chart.Cell {
	switch {
	case s < v.stage:
		return chart.Cell{Text: "passed", Mood: chart.Good}
	case s > v.stage:
		return chart.Cell{}
	case s < sim.StageAuthorization:
		return chart.Cell{Text: "refused", Mood: chart.Bad}
	case v.granted == 0:
		return chart.Cell{Text: "refused", Mood: chart.Bad}
	case v.granted == v.asked:
		return chart.Cell{Text: "all granted", Mood: chart.Good}
	}
	return chart.Cell{Text: fmt.Sprintf("%d of %d", v.granted, v.asked), Mood: chart.Partly}
}
