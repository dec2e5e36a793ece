package pgdump

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/sim"
)

// container is a dump in one of the formats, at one compression.
type container struct {
	file, family string
	options      string
	size         int64
	took         time.Duration
}

// containers are the dumps of the step. Those of a family are drawn as one line, from little to much compression.
func containers() []*container {
	return []*container{
		{file: "plain", family: "plain", options: "-Fp"},
		{file: "plain-6", family: "plain", options: "-Fp -Z6"},
		{file: "custom-0", family: "custom", options: "-Fc -Z0"},
		{file: "custom-1", family: "custom", options: "-Fc -Z1"},
		{file: "custom", family: "custom", options: "-Fc"},
		{file: "custom-9", family: "custom", options: "-Fc -Z9"},
		{file: "directory", family: "directory", options: "-Fd"},
		{file: "directory-j2", family: "directory", options: "-Fd -j2"},
		{file: "tar", family: "tar", options: "-Ft"},
	}
}

// restores are how a dump of each format is restored to the database copy.
var restores = []struct{ file, line string }{
	{"plain", "psql -X -q -v ON_ERROR_STOP=1 -d copy -f plain"},
	{"custom", "pg_restore -d copy custom"},
	{"directory", "pg_restore -d copy directory"},
	{"tar", "pg_restore -d copy tar"},
}

// shop is the database that is dumped: about 5 MB as SQL.
var shop = pg.Shop{Name: "shop", Orders: 12000, Scans: 900}

// inShop makes the shop and a shell beside it.
func inShop(ctx context.Context, env *lessons.Env, p pg.Shop,
	do func(ctx context.Context, s *postgres.Server, sh *pg.Shell) error) error {
	return pg.OnServer(ctx, p.Server(), func(ctx context.Context, h *postgres.Home, s *postgres.Server) error {
		env.Say("a shop with %d orders", p.Orders)
		sh, err := pg.NewShell(h, s, "dumps")
		if err != nil {
			return err
		}
		return do(ctx, s, sh)
	})
}

// runFormats dumps the shop in every format, and restores each format once.
func runFormats(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, containers()
	return o, inShop(ctx, env, shop, func(ctx context.Context, s *postgres.Server, sh *pg.Shell) error {
		for _, c := range all {
			env.Say("pg_dump %s", c.options)
			t, err := sh.Must(ctx, fmt.Sprintf("pg_dump %s -f %s shop", c.options, c.file))
			if err != nil {
				return err
			}
			c.took = t.Took
			if c.size, err = sh.Size(c.file); err != nil {
				return err
			}
		}
		if err := restoreAll(ctx, env, s, sh, o); err != nil {
			return err
		}
		tellSizes(o, all)
		o.Tables = append(o.Tables, sh.Table())
		return o.Draw(chartOfFormats(all))
	})
}

// restoreAll restores each format and compares what came of it with the shop.
func restoreAll(ctx context.Context, env *lessons.Env, s *postgres.Server, sh *pg.Shell,
	o *lessons.Observations) error {
	before, err := pg.Inside(ctx, s, "shop")
	if err != nil {
		return err
	}
	for _, r := range restores {
		env.Say("restoring %s", r.file)
		if err := pg.Recreate(ctx, s, "copy"); err != nil {
			return err
		}
		if _, err := sh.Must(ctx, r.line); err != nil {
			return err
		}
		after, err := pg.Inside(ctx, s, "copy")
		if err != nil {
			return err
		}
		same := len(before.SameData(after)) == 0 && before.Objects() == after.Objects() &&
			before.LargeObjects == after.LargeObjects
		o.Tell("same."+r.file, lessons.YesNo(same), "whether the restored "+r.file+" dump has the same rows and objects")
	}
	return nil
}

func tellSizes(o *lessons.Observations, all []*container) {
	size := map[string]float64{}
	for _, c := range all {
		size[c.file] = float64(c.size)
		o.Measure("size."+c.file, float64(c.size), sim.Bytes, "size of pg_dump "+c.options)
	}
	sorted := slices.SortedStableFunc(slices.Values([]string{"plain", "custom", "tar"}), func(a, b string) int {
		return int(size[a] - size[b])
	})
	o.Tell("smallest", sorted[0], "the smallest of plain, custom and tar, each with its default compression")
	o.Measure("half", size["custom"]/size["plain"], sim.Shares, "size of the custom dump relative to the plain one")
	o.Measure("level-9", 1-size["custom-9"]/size["custom"], sim.Shares, "how much smaller -Z9 is than the default level")
	o.Tell("level-9.gain", gainInWords(1-size["custom-9"]/size["custom"]), "the same in words")
	o.Measure("packed-plain", size["plain-6"]/size["custom"], sim.Shares, "a compressed plain dump relative to the "+
		"custom one")
	for _, c := range all {
		if c.file == "custom" || c.file == "custom-9" || c.file == "plain" {
			o.Measure("time."+c.file, sim.MillisOf(c.took), sim.Millis, "time for pg_dump "+c.options)
		}
	}
}

// gainInWords sorts a saving into the choices of the prediction.
func gainInWords(share float64) string {
	const little, much = 0.05, 0.25
	switch {
	case share < little:
		return "less than 5%"
	case share < much:
		return "about 15%"
	}
	return "about 40%"
}

// familyName is the name of a family's line, with the options of its marks.
func familyName(all []*container, family string) string {
	var options []string
	for _, c := range all {
		if c.family == family {
			options = append(options, strings.TrimSpace(c.options[3:]))
		}
	}
	for i, o := range options {
		if o == "" {
			options[i] = map[string]string{"plain": "-Z0", "custom": "-Z6", "directory": "-j1", "tar": ""}[family]
		}
	}
	return strings.TrimSpace(family + " " + strings.TrimSuffix(strings.Join(options, ", "), ", "))
}
