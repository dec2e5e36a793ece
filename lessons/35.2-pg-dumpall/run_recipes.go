package pgdumpall

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// recipe is a way to restore crm to a new server.
type recipe struct {
	name, what string
	lines      []string // the last one is the restore that is looked at
	typed      pg.Typed
	errors     int // of all of them
	has        arrived
}

func recipes() []*recipe {
	const stop = "psql -X -q -v ON_ERROR_STOP=1 "
	return []*recipe{
		{name: "plain", what: "psql -f crm.sql", lines: []string{"createdb crm", "psql -X -q -d crm -f crm.sql"}},
		{name: "stop", what: "the same with ON_ERROR_STOP", lines: []string{"createdb crm", stop + "-d crm -f crm.sql"}},
		{name: "one", what: "the same, and -1", lines: []string{"createdb crm", stop + "-1 -d crm -f crm.sql"}},
		{name: "globals", what: "globals.sql, then crm.sql",
			lines: []string{"psql -X -q -f globals.sql", "createdb crm", stop + "-d crm -f crm.sql"}},
		{name: "create", what: "globals.sql, then pg_dump -C",
			lines: []string{"psql -X -q -f globals.sql", stop + "-f crm-create.sql"}},
		{name: "all", what: "pg_dumpall's all.sql", lines: []string{"psql -X -q -f all.sql"}},
		{name: "all-stop", what: "all.sql with ON_ERROR_STOP", lines: []string{stop + "-f all.sql"}},
	}
}

// runRecipes restores crm to a new server in several ways.
func runRecipes(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, recipes()
	return o, inOffice(ctx, env, func(ctx context.Context, f *office) error {
		if err := f.oldShell.All(ctx, "pg_dump -f crm.sql crm", "pg_dump -C -f crm-create.sql crm",
			"pg_dumpall --globals-only -f globals.sql", "pg_dumpall -f all.sql"); err != nil {
			return err
		}
		for _, r := range all {
			env.Say("%s", r.what)
			if err := r.cook(ctx, f); err != nil {
				return err
			}
			r.tell(o)
		}
		o.Tell("all.error", onlyPostgresExists(all[5].typed), "whether the only error of all.sql is that postgres is there "+
			"already")
		o.Tables = append(o.Tables, f.newShell.Table())
		return o.DrawExact(chartOfRecipes(all))
	})
}

func (r *recipe) cook(ctx context.Context, f *office) (err error) {
	if err := f.empty(ctx); err != nil {
		return err
	}
	for _, line := range r.lines {
		if r.typed, err = f.newShell.Type(ctx, line); err != nil {
			return err
		}
		r.errors += r.typed.Errors()
	}
	r.has, err = f.look(ctx)
	return err
}

func (r *recipe) tell(o *lessons.Observations) {
	about := " after: " + r.what
	o.Count(r.name+".errors", float64(r.errors), "errors that psql reported"+about)
	o.Count(r.name+".exit-code", float64(r.typed.Code), "its exit code")
	o.Count(r.name+".rows", float64(max(r.has.crm, 0)), "customers in the new crm"+about)
	o.Tell(r.name+".owner", valueOr(r.has.tableOwner, "nobody"), "who owns the table")
	o.Tell(r.name+".reads", lessons.YesNo(r.has.reads), "whether the role reporting may read it")
	o.Tell(r.name+".policy", lessons.YesNo(r.has.policy), "whether its policy is there")
	o.Tell(r.name+".login", lessons.YesNo(r.has.login), "whether app has its password again")
	o.Tell(r.name+".setting", lessons.YesNo(r.has.setting), "whether the database has its own setting again")
}

func valueOr(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

// expectedError is the one that roles in a new server always give: its superuser is there already.
const expectedError = `role "postgres" already exists`

func onlyPostgresExists(t pg.Typed) string {
	return lessons.YesNo(t.Errors() == 1 && strings.Contains(t.Err, expectedError))
}

// chartOfRecipes draws what has arrived after each recipe.
func chartOfRecipes(all []*recipe) chart.Chart {
	m := chart.Matrix{Corner: "recipe", Columns: []string{"exit code", "errors", "rows", "owner", "reporting reads",
		"policy",
		"password", "setting"}}
	good := func(text string, ok bool) chart.Cell {
		if ok {
			return chart.Cell{Text: text, Mood: chart.Good}
		}
		return chart.Cell{Text: text, Mood: chart.Bad}
	}
	for _, r := range all {
		row := chart.MatrixRow{Name: r.what, Cells: []chart.Cell{
			{Text: fmt.Sprint(r.typed.Code), Mood: chart.Neutral}, {Text: fmt.Sprint(r.errors), Mood: chart.Neutral},
			good(fmt.Sprint(max(r.has.crm, 0)), r.has.crm == customers),
			good(valueOr(r.has.tableOwner, "nobody"), r.has.tableOwner == "app")}}
		for _, is := range []bool{r.has.reads, r.has.policy, r.has.login, r.has.setting} {
			row.Cells = append(row.Cells, good(lessons.YesNo(is), is))
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "recipes", Title: "All rows can be there, with exit code 0, and nobody may read them",
		Subtitle: "the database crm restored to a new server in several ways",
		About: "Rows are recipes. The columns are psql's exit code and errors, and what the new server had then: dark " +
			"cells are " +
			"not as on the old one.",
		Panels: []chart.Panel{m},
	}
}
