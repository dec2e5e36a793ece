package check

import (
	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// watched makes a measure of alerts, which is absent unless the run had rules.
func watched(name string, unit sim.Unit, rule sim.WindowRule, family, about string, c compute) {
	with := func(r *run, w sim.Window) (float64, bool) {
		if !r.t.Scenario.Alerts.On() || r.t.Lacks(sim.Kinds(sim.KindAlert)) {
			return 0, false
		}
		return c(r, w)
	}
	registerFamily(name, family, unit, rule, about, with)
}

func init() {
	watched("alerts.fired", sim.Count, sim.OfThings, "",
		"how many of the alert rules fired, each counted once for all members; "+
			"absent without alerts",
		func(r *run, w sim.Window) (float64, bool) {
			rules := map[string]bool{}
			for _, s := range r.firings() {
				if r.within(s.span, w) > 0 {
					rules[s.rule] = true
				}
			}
			return count(len(rules))
		})
	watched("alerts.firing", sim.Millis, sim.OfTime, "",
		"the time for which at least one alert fired; absent without alerts",
		func(r *run, w sim.Window) (float64, bool) { return millis(r.total(joined(r.firings()), w)) })
	watched("alerts.delay", sim.Millis, sim.OfInterval, "",
		"the time from the first fault until the first alert that fired after it; absent when none did",
		func(r *run, w sim.Window) (float64, bool) {
			s, ok := r.alertDelay(w)
			if !ok {
				return 0, false
			}
			return millis(s.to - s.from)
		})
	explain("alerts.delay", func(r *run, w sim.Window) []uint64 {
		s, _ := r.alertDelay(w)
		return seqs(s.fromSeq, s.toSeq)
	})
	for _, rule := range alert.Rules() {
		measureRule(rule)
	}
}

// measureRule adds the measures of one rule.
func measureRule(rule alert.Rule) {
	of := func(r *run) []alertSpan { return firingsOf(r.firings(), rule.Name) }
	evidence := func(r *run, w sim.Window) (ns []uint64) {
		for _, s := range of(r) {
			if r.within(s.span, w) > 0 && len(ns) < maxEvents {
				ns = append(ns, seqs(s.fromSeq, s.toSeq)...)
			}
		}
		return ns
	}
	name := "alert." + rule.Name
	watched(name, sim.Millis, sim.OfTime, "alert.RULE",
		"the time for which "+rule.Name+" fired, for any member: "+rule.About,
		func(r *run, w sim.Window) (float64, bool) { return millis(r.total(joined(of(r)), w)) })
	explain(name, evidence)
	watched(name+".members", sim.Count, sim.OfThings, "alert.RULE.members",
		"the number of members for which "+rule.Name+" fired; an alert on the whole cluster counts as one",
		func(r *run, w sim.Window) (float64, bool) {
			members := map[sim.MemberID]bool{}
			for _, s := range of(r) {
				if r.within(s.span, w) > 0 {
					members[s.member] = true
				}
			}
			return count(len(members))
		})
	explain(name+".members", evidence)
}

// alertDelay is from the first fault in the window until an alert begins to fire.
func (r *run) alertDelay(w sim.Window) (span, bool) {
	var s span
	r.each(sim.KindFaultBegun, w, func(e *sim.Event) {
		if s.fromSeq == 0 {
			s.from, s.fromSeq = e.At, e.Seq
		}
	})
	if s.fromSeq == 0 {
		return span{}, false
	}
	for _, f := range r.firings() {
		if f.fromSeq > s.fromSeq {
			s.to, s.toSeq = f.from, f.fromSeq
			return s, w.Has(s.to)
		}
	}
	return span{}, false
}
