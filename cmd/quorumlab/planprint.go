package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/plots/plans"
	"quorumlab/plots/report"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// printPlan shows a plan: each answer, its numbers, and the rule behind it.
func printPlan(w io.Writer, p *plan.Plan) {
	in := p.Input
	fmt.Fprintf(w, "%s, %squorum %d\n", counted(in.Members, "member"), inZones(in.Zones), p.Quorum.Quorum)
	printAssumptions(w, p, "")
	tables := map[string]func(io.Writer, *plan.Plan){"availability": printByMembers, "zones": printPlacements,
		"latency": printLeaders}
	for _, t := range p.Answers() {
		fmt.Fprintf(w, "\n%s\n", t.Name)
		hanging(w, "  ", t.Answer.Text)
		if table := tables[t.Key]; table != nil {
			table(w, p)
		}
		hanging(w, "  rule: ", t.Answer.Rule)
		hanging(w, "  from: ", t.Answer.Source)
	}
}

func inZones(p plan.Placement) string {
	if len(p) == 0 {
		return ""
	}
	return p.String() + " in zones, "
}

// printAssumptions tells what the plan takes for true, first what somebody entered.
func printAssumptions(w io.Writer, p *plan.Plan, name string) {
	fmt.Fprintf(w, "\nAssumptions%s\n", name)
	if given := p.AssumptionsInWords(true); given != "" {
		hanging(w, "  given: ", given)
	}
	hanging(w, "  by default: ", p.AssumptionsInWords(false))
}

// printSimulated lays what the simulator did beside the plan.
func printSimulated(w io.Writer, s *plan.Simulated) {
	fmt.Fprintf(w, "\nCompared with the simulator: %d writes, %d failovers\n", len(s.Writes), len(s.Failovers))
	fmt.Fprintf(w, "  %-20s  %10s  %10s  %6s  %s\n", "", "planned", "simulated", "ratio", "95% interval")
	for _, r := range s.Rows {
		fmt.Fprintf(w, "  %-20s  %10s  %10s  %6.2f  %s to %s\n", r.Measure, plan.Spell(r.Planned), plan.Spell(r.Simulated),
			r.Ratio(), plan.Spell(r.From), plan.Spell(r.To))
	}
	if s.Narrow {
		fmt.Fprintln(w, "  the simulation ran until each interval was within 5% of its value")
	} else {
		fmt.Fprintln(w, "  the simulation reached its limit, with an interval wider than 5% of its value")
	}
}

func printByMembers(w io.Writer, p *plan.Plan) {
	zoned := len(p.Input.Zones) > 0
	if zoned {
		fmt.Fprintf(w, "\n  %-28s  %24s  %s", "", "members alone", "with zones")
	}
	fmt.Fprintf(w, "\n  %-7s  %6s  %9s  %11s  %11s", "members", "quorum", "tolerates", "downtime/y", "first loss")
	if zoned {
		fmt.Fprintf(w, "  %-9s  %11s", "best", "downtime/y")
	}
	fmt.Fprintln(w)
	for _, r := range p.Availability.ByMembers {
		first := "never"
		if r.YearsTo > 0 {
			first = plan.Spell(r.YearsTo * 1e3 * plan.Year.Seconds())
		}
		mark := " "
		if r.Members == p.Input.Members {
			mark = ">"
		}
		fmt.Fprintf(w, "%s %-7d  %6d  %9d  %11s  %11s", mark, r.Members, r.Quorum, r.Tolerates,
			plan.Spell(r.Alone.DowntimeSeconds*1e3), first)
		if zoned {
			fmt.Fprintf(w, "  %-9s  %11s", r.Best, plan.Spell(r.Placed.DowntimeSeconds*1e3))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

// mostPlacements is how many are shown; JSON has all.
const mostPlacements = 6

func printPlacements(w io.Writer, p *plan.Plan) {
	if len(p.Zones.Placements) == 0 {
		return
	}
	fmt.Fprintf(w, "\n  %-12s  %11s  %11s  %s\n", "placement", "downtime/y", "lost every", "survives any zone")
	for i, r := range p.Zones.Placements {
		if i >= mostPlacements && !r.Chosen {
			continue
		}
		mark, survives := " ", "no"
		if r.Chosen {
			mark = ">"
		}
		if r.AnyZone {
			survives = "yes"
		}
		between := "never"
		if r.YearsBetweenLosses > 0 {
			between = plan.Spell(r.YearsBetweenLosses * 1e3 * plan.Year.Seconds())
		}
		fmt.Fprintf(w, "%s %-12s  %11s  %11s  %s\n", mark, r.Placement, plan.Spell(r.DowntimeSeconds*1e3), between, survives)
	}
	if more := len(p.Zones.Placements) - mostPlacements; more > 0 {
		fmt.Fprintf(w, "  and %d worse; --json lists all\n", more)
	}
	fmt.Fprintln(w)
}

func printLeaders(w io.Writer, p *plan.Plan) {
	if len(p.Latency.ByLeader) < 2 {
		return
	}
	fmt.Fprintf(w, "\n  %-14s  %9s  %9s  %9s  %9s\n", "leader in zone", "p50", "mean", "p90", "p99")
	for _, r := range p.Latency.ByLeader {
		fmt.Fprintf(w, "  %-14s  %9s  %9s  %9s  %9s\n", r.Zone, plan.Spell(r.P50), plan.Spell(r.Mean), plan.Spell(r.P90),
			plan.Spell(r.P99))
	}
	fmt.Fprintln(w)
}

// printPlans lays two plans side by side, and tells the answers that differ.
func printPlans(w io.Writer, ps []*plans.Planned) {
	fmt.Fprintf(w, "%-30s  %22s  %22s\n", "", text.KeepEnd(ps[0].Name, 22), text.KeepEnd(ps[1].Name, 22))
	for _, d := range differences(ps) {
		mark := " "
		if d.Differs() {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %-28s  %22s  %22s\n", mark, d.Name, d.Values[0], d.Values[1])
	}
	fmt.Fprintln(w, "\n* marks a difference")
	for _, p := range ps {
		printAssumptions(w, p.Plan, " of "+text.KeepEnd(p.Name, 60))
	}
	a, b := ps[0].Answers(), ps[1].Answers()
	for i, t := range a {
		if t.Answer.Text == b[i].Answer.Text {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", t.Name)
		for j, answer := range []string{t.Answer.Text, b[i].Answer.Text} {
			hanging(w, "  "+text.KeepEnd(ps[j].Name, 22)+": ", answer)
		}
	}
}

// differences are the numbers of two plans, row by row.
func differences(ps []*plans.Planned) (out []report.Difference) {
	a, b := planRows(ps[0].Plan), planRows(ps[1].Plan)
	for i := range a {
		out = append(out, report.Difference{Name: a[i][0], Values: [2]string{a[i][1], b[i][1]}})
	}
	return out
}

func planRows(p *plan.Plan) [][2]string {
	seconds := func(s float64) string { return plan.Spell(s * 1e3) }
	or := func(s float64, none string) string {
		if s == 0 {
			return none
		}
		return seconds(s)
	}
	broken := []string{}
	for _, z := range p.Zones.Rows {
		if !z.Survives {
			broken = append(broken, z.Zone)
		}
	}
	breaks := "none"
	if len(broken) > 0 {
		breaks = strings.Join(broken, " ")
	}
	full := or(p.Growth.QuotaIn, "never")
	if p.Growth.FullAtOnce {
		full = "at once"
	}
	size := func(b float64) string { return sim.Size(b).Rounded() }
	return [][2]string{
		{"members", fmt.Sprint(p.Input.Members)},
		{"zones", cmp.Or(p.Input.Zones.String(), "none")},
		{"quorum", fmt.Sprint(p.Quorum.Quorum)},
		{"may be lost together", fmt.Sprint(p.Quorum.Tolerates)},
		{"zones that break the quorum", breaks},
		{"downtime per year", seconds(p.Availability.DowntimeSeconds)},
		{"quorum lost once every", or(p.Availability.YearsBetweenLosses*plan.Year.Seconds(), "never")},
		{"heartbeat", plan.Spell(p.Election.Heartbeat)},
		{"election timeout", plan.Spell(p.Election.Election)},
		{"false elections a year", plan.Number(p.Election.FalsePerYear)},
		{"failover p50", or(p.Failover.P50/1e3, "none")},
		{"failover p99", or(p.Failover.P99/1e3, "none")},
		{"commit p50", plan.Spell(p.Latency.P50)},
		{"commit p99", plan.Spell(p.Latency.P99)},
		{"write latency p50", plan.Spell(p.Latency.Answered.P50)},
		{"write latency p99", plan.Spell(p.Latency.Answered.P99)},
		{"write ceiling", plan.Number(p.Latency.Ceiling) + "/s"},
		{"writes in the load", plan.Number(p.Latency.Writes) + "/s"},
		{"peak size", size(p.Growth.Peak)},
		{"quota full in", full},
		{"without compaction in", or(p.Growth.QuotaWithout, "never")},
		{"memory per member", size(p.Resources.Memory)},
		{"disk per member", size(p.Resources.Disk)},
		{"replaced member ready in", seconds(p.Recovery.Member)},
		{"restored from a snapshot in", seconds(p.Recovery.Restore)},
	}
}
