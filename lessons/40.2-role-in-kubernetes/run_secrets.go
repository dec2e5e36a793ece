package roleinkubernetes

import (
	"context"
	"strings"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// runSecrets looks for Secrets in etcd's files.
func runSecrets(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r secretsResult
	if err := (experiment{name: "secrets"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	for i, name := range []string{"before", "new", "on", "rewritten", "forgotten", "rotated", "behind"} {
		s := r.Sights[i]
		o.Tell(name+".value", s.Value, "how a Secret's value begins: "+s.When)
		o.Tell(name+".database", lessons.YesNo(s.Database), "whether its plaintext is in the database file")
		o.Tell(name+".wal", lessons.YesNo(s.WAL), "whether it is in the write-ahead log")
		o.Tell(name+".snapshot", lessons.YesNo(s.Snapshot), "whether it is in a snapshot taken now")
	}
	for i, name := range []string{"read.without-key", "read.with-key", "read.both-keys", "read.rotated",
		"read.dropped-key"} {
		o.Tell(name, r.Answers[i].String(), "the response to a read: "+r.Answers[i].When)
	}
	o.Tables = append(o.Tables, secretsTable(r))
	return o, o.Draw(secretsChart(r))
}

func secretsTable(r secretsResult) lessons.Table {
	t := lessons.Table{
		Name: "secrets", Title: "Where a Secret's plaintext is found",
		Head: []string{"Secret", "value begins with", "database", "WAL", "snapshot"}, Exact: true,
	}
	for _, s := range r.Sights {
		t.Rows = append(t.Rows, []string{s.When, s.Value, lessons.YesNo(s.Database), lessons.YesNo(s.WAL),
			lessons.YesNo(s.Snapshot)})
	}
	return t
}

// secretsChart shows where the plaintext was found, time after time.
func secretsChart(r secretsResult) chart.Chart {
	m := chart.Matrix{Corner: "Secret", Columns: []string{"etcd's value", "database file", "write-ahead log", "snapshot"},
		Remarks: "value begins with"}
	for _, s := range r.Sights {
		row := chart.MatrixRow{Name: s.When, Remark: strings.TrimSuffix(s.Value, ":")}
		for _, plain := range []bool{s.Plain, s.Database, s.WAL, s.Snapshot} {
			c := chart.Cell{Text: "not found", Mood: chart.Good}
			if plain {
				c = chart.Cell{Text: "plaintext", Mood: chart.Bad}
			}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "secrets", Title: "Where a Secret can be read", Subtitle: "a member's files, searched for the plaintext " +
			"after each step, from top to bottom",
		About: "Each row is a Secret at one moment: whether its plaintext was found in the value that etcd returns, in " +
			"the member's database and write-ahead log, and in a snapshot taken then.",
		Panels: []chart.Panel{m},
	}
}
