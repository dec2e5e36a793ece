package restoredrills

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"quorumlab/lessons"
)

// mostChecks is how many a nightly drill has time for.
const mostChecks = 3

// checksJudge lets the checks of an answer examine some of the damaged backups.
var checksJudge = lessons.CommandsJudge{
	Usage: tools,
	Most:  mostChecks,
	Run: func(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
		env.Say("three base backups and their archives")
		return ms, onShelf(ctx, func(ctx context.Context, s *shelf) error {
			finds := map[string]string{}
			for _, name := range []string{"none", "index", "file", "wal", "source", "rows"} {
				d := damages[slices.IndexFunc(damages, func(d damage) bool { return d.name == name })]
				env.Say("damage: %s", d.what)
				var err error
				if finds[name], err = s.findWith(ctx, d, cs); err != nil {
					return err
				}
			}
			ms = judgeChecks(finds, len(cs))
			return nil
		})
	},
}

// findWith is the first of the checks that finds a damage; empty: none does.
func (s *shelf) findWith(ctx context.Context, d damage, cs []lessons.Command) (string, error) {
	p, err := s.admit(d)
	if err != nil {
		return "", err
	}
	for _, c := range cs {
		said, err := p.examine(ctx, c.Verb)
		if err != nil {
			return "", err
		}
		if said == found {
			return c.Verb, p.discharge(ctx)
		}
	}
	return "", p.discharge(ctx)
}

func judgeChecks(finds map[string]string, checks int) (ms []lessons.Mark) {
	why := func(names ...string) (whole bool, said string) {
		var all []string
		whole = true
		for _, name := range names {
			by := finds[name]
			whole = whole && by != ""
			if by == "" {
				by = "nobody"
			}
			d := damages[slices.IndexFunc(damages, func(d damage) bool { return d.name == name })]
			all = append(all, d.what+": found by "+by)
		}
		return whole, strings.Join(all, "; ")
	}
	for _, m := range []struct {
		what, hint string
		of         int
		damages    []string
	}{
		{"damaged and missing files of the base backup are found", "which check reads every block, indexes too?", 3,
			[]string{"index", "file"}},
		{"a damaged archive is found", "a replay that ends too early ends without an error; who knows what should be there?",
			2, []string{"wal"}},
		{"an index that was bad before the backup is found", "the manifest was written after the damage, so it agrees " +
			"with it",
			2, []string{"source"}},
		{"rows deleted before the backup are found", "no tool knows which rows there should be; you do", 2, []string{"rows"}},
	} {
		whole, said := why(m.damages...)
		ms = append(ms, lessons.Marked(whole, m.of, m.what, said, m.hint))
	}
	alarm := finds["none"]
	if alarm == "" {
		alarm = "nobody"
	}
	return append(ms, lessons.Marked(finds["none"] == "" && checks > 0, 1, "a good backup passes",
		fmt.Sprintf("%d checks; an alarm by %s", checks, alarm), "a drill without checks finds nothing, and passes "+
			"everything"))
}
