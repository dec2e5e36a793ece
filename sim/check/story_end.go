package check

import (
	"fmt"
	"strings"

	"quorumlab/sim"
)

// ending tells what was left of the run: what the clients were promised, how the
// members ended, and what the checks say.
func (r *run) ending(verdicts []sim.Verdict) []Sentence {
	end := Sentence{At: r.end}
	parts := []string{r.clientsAtTheEnd()}
	if n := r.finalHashes(); n > 1 {
		if v := equalState(r); !v.OK {
			parts = append(parts, v.Why)
			end.Events = append(end.Events, v.Events...)
		} else if !strings.Contains(v.Why, "behind") {
			parts = append(parts, fmt.Sprintf("the %s that were up had the same state", number(n, "member")))
		}
	}
	if alerts := r.alertsAtTheEnd(); alerts != "" {
		parts = append(parts, alerts)
	}
	parts = append(parts, r.watchesAtTheEnd()...)
	parts = append(parts, r.silentAtTheEnd()...)
	parts = append(parts, r.leasesAtTheEnd()...)
	for _, l := range r.lostWrites() {
		if len(end.Events) < maxEvents {
			end.Events = append(end.Events, l.write.ret.Seq, l.proof.Seq)
		}
	}
	var bad []Sentence
	for _, v := range verdicts {
		what := "The check " + v.Check
		if CheckNamed(v.Check) == nil {
			what = fmt.Sprintf("The expectation %q", v.Check)
		}
		switch {
		case v.OK:
		case v.Unknown:
			bad = append(bad, Sentence{r.end, what + " has no verdict: " + v.Why + ".", v.Events})
		default:
			bad = append(bad, Sentence{r.end, what + " failed: " + v.Why + ".", v.Events})
		}
	}
	if len(verdicts) > 0 && len(bad) == 0 {
		parts = append(parts, fmt.Sprintf("all %d checks and expectations held", len(verdicts)))
		if len(verdicts) == 1 {
			parts[len(parts)-1] = "the only check held"
		}
	}
	end.Text = "In the end " + strings.Join(parts, "; ") + "."
	return append([]Sentence{end}, bad...)
}

// clientsAtTheEnd sums up what became of the clients' operations.
func (r *run) clientsAtTheEnd() string {
	writes, acked, full, unanswered, refused := 0, 0, 0, 0, 0
	for _, o := range r.ops() {
		if !o.call.Op.IsWrite() || o.outcome() == sim.OutcomeMismatch {
			continue
		}
		writes++
		switch {
		case o.wrote():
			acked++
		case o.outOfSpace():
			full++
		case o.refused():
			refused++
		default:
			unanswered++
		}
	}
	if writes == 0 {
		return "no client had written anything"
	}
	lost := len(r.lostWrites())
	if acked == writes {
		all, safe := "all "+number(writes, "write"), "none was lost"
		switch writes {
		case 1:
			all, safe = "the only write", "it was not lost"
		case 2:
			all, safe = "both writes", "neither was lost"
		}
		switch lost {
		case 0:
			return fmt.Sprintf("%s had been acknowledged, and %s", all, safe)
		case 1:
			return all + " had been acknowledged, and 1 was lost"
		}
		return fmt.Sprintf("%s had been acknowledged, and %d were lost", all, lost)
	}
	text := fmt.Sprintf("%d of %s had been acknowledged", acked, number(writes, "write"))
	if unanswered > 0 {
		text += fmt.Sprintf(", %d had got no answer", unanswered)
	}
	if refused > 0 {
		text += fmt.Sprintf(", %d had been refused", refused)
	}
	if full > 0 {
		text += fmt.Sprintf(", %d had been refused for lack of space", full)
	}
	switch {
	case lost > 0:
		text += fmt.Sprintf(", and %s %s lost", number(lost, "acknowledged write"),
			map[bool]string{true: "was", false: "were"}[lost == 1])
	case acked > 0:
		text += ", and no acknowledged write was lost"
	}
	return text
}
