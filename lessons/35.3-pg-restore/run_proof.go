package pgrestore

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// damage is a file made of a good dump, and what each examination found.
type damage struct {
	name, what, remark string
	make               func(dump, uncompressed []byte) []byte
	finds              []string // of each examination: "found" or "nothing"
}

// examinations of a file, from the cheapest to the dearest.
var examinations = []string{"pg_restore -l", "pg_restore -f /dev/null", "a restore", "comparing the rows"}

// The product of which a letter is changed, and what is made of it.
const (
	rightName = "product 77"
	wrongName = "product 17"
)

func damages() []*damage {
	cut := func(numerator, denominator int) func(dump, _ []byte) []byte {
		return func(dump, _ []byte) []byte { return dump[:len(dump)*numerator/denominator] }
	}
	return []*damage{
		{name: "none", what: "none", make: cut(1, 1), remark: "a good dump"},
		{name: "empty", what: "empty", make: cut(0, 1), remark: "a full disk"},
		{name: "cut", what: "cut at 60%", make: cut(6, 10), remark: "the list is at the beginning of the file"},
		{name: "flip", what: "a byte, compressed", remark: "the packed rows have a checksum",
			make: func(dump, _ []byte) []byte {
				spoiled := bytes.Clone(dump)
				spoiled[len(spoiled)*3/4] ^= 0xff
				return spoiled
			}},
		{name: "letter", what: "a letter, -Z0", remark: "no checksum covers it",
			make: func(_, uncompressed []byte) []byte {
				return bytes.Replace(uncompressed, []byte("\t"+rightName+"\t"), []byte("\t"+wrongName+"\t"), 1)
			}},
		{name: "rows", what: "of another day", remark: "a good dump, but not of this data"},
	}
}

// runProof examines damaged dumps.
func runProof(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, damages()
	return o, withDump(ctx, env, shop, nil, func(ctx context.Context, b *bench) error {
		if err := b.sh.All(ctx, "pg_dump -Fc -Z0 -f unpacked.dump shop"); err != nil {
			return err
		}
		good, err := os.ReadFile(b.sh.Path("shop.dump"))
		if err != nil {
			return err
		}
		unpacked, err := os.ReadFile(b.sh.Path("unpacked.dump"))
		if err != nil {
			return err
		}
		for _, d := range all {
			env.Say("damage: %s", d.what)
			if err := b.spoil(ctx, d, good, unpacked); err != nil {
				return err
			}
			if err := b.examine(ctx, d); err != nil {
				return err
			}
			for i, name := range []string{"list", "read", "restore", "compare"} {
				o.Tell(d.name+"."+name, d.finds[i], fmt.Sprintf("damage %q: %s", d.what, examinations[i]))
			}
		}
		o.Tables = append(o.Tables, b.sh.Table())
		return o.DrawExact(chartOfProof(all))
	})
}

// spoil writes the damaged file to d.dump. A dump of another day is taken of a shop with fewer rows.
func (b *bench) spoil(ctx context.Context, d *damage, good, unpacked []byte) error {
	if d.make != nil {
		return os.WriteFile(b.sh.Path("d.dump"), d.make(good, unpacked), 0o644)
	}
	if err := b.Exec(ctx, "shop", "delete from order_lines where order_id > 900"); err != nil {
		return err
	}
	return b.sh.All(ctx, "pg_dump -Fc -f other.dump shop", "cp -f other.dump d.dump")
}

const (
	found   = "found"
	nothing = "nothing"
)

// examine gives the file to each examination.
func (b *bench) examine(ctx context.Context, d *damage) error {
	for _, line := range []string{"pg_restore -l d.dump", "pg_restore -f /dev/null d.dump"} {
		t, err := b.sh.Type(ctx, line)
		if err != nil {
			return err
		}
		d.finds = append(d.finds, finding(t.Code != 0))
	}
	t, c, err := b.into(ctx, true, "pg_restore -d copy d.dump")
	if err != nil {
		return err
	}
	d.finds = append(d.finds, finding(t.Code != 0), finding(len(b.dumped.SameData(c)) > 0))
	return nil
}

func finding(wrong bool) string {
	if wrong {
		return found
	}
	return nothing
}

// chartOfProof draws what each examination found.
func chartOfProof(all []*damage) chart.Chart {
	m := chart.Matrix{Corner: "damage", Columns: examinations, Remarks: "remark"}
	for _, d := range all {
		row := chart.MatrixRow{Name: d.what, Remark: d.remark}
		for _, f := range d.finds {
			c := chart.Cell{Text: f, Mood: chart.Good}
			if f == nothing && d.name != "none" {
				c.Mood = chart.Bad
			}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "proof", Title: "A list proves that the beginning of the file is there, and no more",
		Subtitle: "the same dump with different damage, given to four examinations",
		About: "Rows are what was done to the dump, columns what it was examined with, from cheap to dear. Dark cells: the " +
			"damage is not found.",
		Panels: []chart.Panel{m},
	}
}
