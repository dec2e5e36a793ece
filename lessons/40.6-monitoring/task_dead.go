package monitoring

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"quorumlab/lessons"
)

//go:embed task-dead-start.yaml
var deadStart []byte

//go:embed task-dead-model.yaml
var deadModel []byte

// untilDead is the first moment of the recordings one-dead and two-dead that finds who died.
const untilDead = 6

// judgeDead judges rules that are to tell of members that say nothing any more.
func judgeDead(ctx context.Context, _ *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	rules, err := readRules(name, answer)
	if err != nil {
		return nil, err
	}
	fired := map[string][]firing{}
	dead := map[string][]string{}
	for _, rec := range deadVariants {
		r, err := changedRecord(rec.from, rec.change)
		if err != nil {
			return nil, err
		}
		if fired[rec.name], err = r.fire(ctx, rules); err != nil {
			return nil, err
		}
		if dead[rec.name], err = r.instances(ctx, "up == 0", untilDead+2); err != nil {
			return nil, err
		}
	}
	return deadMarks(fired, dead), nil
}

// deadVariants are what rules for dead members are judged by.
var deadVariants = []variant{
	{"healthy", "healthy", nil}, {"rolling-restart", "rolling-restart", nil}, {"no-targets", "healthy", withoutTargets(8)},
	{"one-dead", "one-dead", nil}, {"one-dead renamed", "one-dead", renamed},
	{"two-dead", "two-dead", nil}, {"two-dead renamed", "two-dead", renamed},
}

func deadMarks(fired map[string][]firing, dead map[string][]string) []lessons.Mark {
	namedIn := func(rec string) bool {
		return !slices.ContainsFunc(dead[rec], func(m string) bool { return !slices.Contains(who(fired[rec]), m) })
	}
	names := func(rec string) bool { return namedIn(rec) && namedIn(rec+" renamed") }
	criticalIn := func(rec string) bool {
		return slices.ContainsFunc(fired[rec], func(f firing) bool { return f.rule.Severity == "critical" })
	}
	critical := criticalIn("two-dead") && criticalIn("two-dead renamed")
	someone := names("one-dead") || names("two-dead")
	died := func(rec string) string {
		if other := rec + " renamed"; namedIn(rec) && !namedIn(other) {
			rec = other // what works with the names that a rule was written for does not with others
		}
		return fmt.Sprintf("%s died at 3 min; %s", strings.Join(dead[rec], " and "), told(fired[rec]))
	}
	const askUp = "a dead member reports nothing, not even that it has no leader; what the scraper itself says about a " +
		"target is up"
	return []lessons.Mark{
		lessons.Marked(names("one-dead"), 2, "names the member when one has died", died("one-dead"), askUp),
		lessons.Marked(names("two-dead"), 2, "names both when two have died", died("two-dead"), askUp),
		lessons.Marked(critical, 2, "is critical when the quorum is lost", died("two-dead"),
			"the count of an empty vector is empty, not 0, so a comparison with it is never true; sum the ups, which are "+
				"there, and give the alert the label severity: critical"),
		quiet(critical, !criticalIn("one-dead") && !criticalIn("one-dead renamed"), 1,
			"is not critical when one of three has died", died("one-dead"),
			"two of three are a quorum: nobody has to get out of bed for it"),
		lessons.Marked(len(fired["no-targets"]) > 0, 2, "fires when the scraper has lost all its targets (from 4 min on)",
			told(fired["no-targets"]),
			"then there is no up either; absent() is true for what is not there"),
		quiet(someone, len(fired["rolling-restart"]) == 0, 2, "is silent when each member is down for up to 4 minutes, one "+
			"after the other", told(fired["rolling-restart"]),
			"make `for` longer than a restart takes"),
		quiet(someone, len(fired["healthy"]) == 0, 1, "is silent when all is well", told(fired["healthy"]),
			"no member is down there"),
	}
}
