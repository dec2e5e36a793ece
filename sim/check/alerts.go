package check

import (
	"cmp"
	"slices"

	"quorumlab/sim"
)

// alertSpan is a stretch of a run in which a rule's alert fired for a member, or for the
// cluster (0).
type alertSpan struct {
	rule   string
	member sim.MemberID
	span
}

// firings lists when alerts fired, in order of their beginning; what still fired at the end
// of the run ends with it.
func (r *run) firings() []alertSpan {
	return r.alerts.get(func() []alertSpan {
		type key struct {
			rule   string
			member sim.MemberID
		}
		var all []alertSpan
		open := map[key]int{} // place in all
		r.each(sim.KindAlert, sim.Window{}, func(e *sim.Event) {
			k := key{e.Key, e.Member}
			i, was := open[k]
			switch is := e.Count == uint32(sim.AlertFiring); {
			case is && !was:
				open[k] = len(all)
				all = append(all, alertSpan{e.Key, e.Member, span{from: e.At, to: r.end, fromSeq: e.Seq}})
			case was && !is:
				all[i].to, all[i].toSeq = e.At, e.Seq
				delete(open, k)
			}
		})
		return all
	})
}

// joined merges spans that overlap: the time in which at least one of them was.
func joined(spans []alertSpan) (out []span) {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b alertSpan) int { return cmp.Compare(a.from, b.from) })
	for _, s := range spans {
		if n := len(out) - 1; n >= 0 && s.from <= out[n].to {
			if s.to > out[n].to {
				out[n].to, out[n].toSeq = s.to, s.toSeq
			}
			continue
		}
		out = append(out, s.span)
	}
	return out
}

// firingsOf are the firings of one rule.
func firingsOf(all []alertSpan, rule string) (of []alertSpan) {
	for _, s := range all {
		if s.rule == rule {
			of = append(of, s)
		}
	}
	return of
}
