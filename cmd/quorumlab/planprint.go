package main

import (
	"fmt"
	"io"
	"strings"

	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// topic is an answer under its heading.
type topic struct {
	name   string
	answer plan.Answer
	table  func(w io.Writer) // or nil
}

func topics(p *plan.Plan) []topic {
	return []topic{
		{"Quorum", p.Quorum.Answer, nil},
		{"Availability", p.Availability.Answer, func(w io.Writer) { printByMembers(w, p) }},
		{"Zones", p.Zones.Answer, func(w io.Writer) { printPlacements(w, p) }},
		{"Election", p.Election.Answer, nil},
		{"Fail-over", p.Failover.Answer, nil},
		{"Latency", p.Latency.Answer, func(w io.Writer) { printLeaders(w, p) }},
		{"Growth", p.Growth.Answer, nil},
		{"Resources", p.Resources.Answer, nil},
		{"Recovery", p.Recovery.Answer, nil},
	}
}

// printPlan shows a plan: each answer, its figures, and the rule behind it.
func printPlan(w io.Writer, p *plan.Plan) {
	in := p.Input
	fmt.Fprintf(w, "%d members, %s in zones, quorum %d\n", in.Members, in.Zones, p.Quorum.Quorum)
	for _, t := range topics(p) {
		fmt.Fprintf(w, "\n%s\n", t.name)
		hanging(w, "  ", t.answer.Text)
		if t.table != nil {
			t.table(w)
		}
		hanging(w, "  rule: ", t.answer.Rule)
		hanging(w, "  from: ", t.answer.Source)
	}
}

func printByMembers(w io.Writer, p *plan.Plan) {
	fmt.Fprintf(w, "\n  %-7s  %6s  %4s  %11s  %11s  %-9s  %11s\n", "", "", "", "members", "alone", "with zones", "")
	fmt.Fprintf(w, "  %-7s  %6s  %4s  %11s  %11s  %-9s  %11s\n", "members", "quorum", "lose", "down a year", "first loss", "best", "down a year")
	for _, r := range p.Availability.ByMembers {
		first := "never"
		if r.YearsTo > 0 {
			first = plan.Spell(r.YearsTo * 1e3 * plan.Year.Seconds())
		}
		mark := " "
		if r.Members == p.Input.Members {
			mark = ">"
		}
		fmt.Fprintf(w, "%s %-7d  %6d  %4d  %11s  %11s  %-9s  %11s\n", mark, r.Members, r.Quorum, r.Tolerates,
			plan.Spell(r.Alone.DowntimeSeconds*1e3), first, r.Best, plan.Spell(r.Placed.DowntimeSeconds*1e3))
	}
	fmt.Fprintln(w)
}

// mostPlacements is how many are shown; JSON has all.
const mostPlacements = 6

func printPlacements(w io.Writer, p *plan.Plan) {
	fmt.Fprintf(w, "\n  %-12s  %11s  %11s  %s\n", "placement", "down a year", "a loss in", "survives any zone")
	for i, r := range p.Zones.Placements {
		if i >= mostPlacements && !r.Chosen {
			continue
		}
		mark, any := " ", "no"
		if r.Chosen {
			mark = ">"
		}
		if r.AnyZone {
			any = "yes"
		}
		between := "never"
		if r.YearsBetweenLosses > 0 {
			between = plan.Spell(r.YearsBetweenLosses * 1e3 * plan.Year.Seconds())
		}
		fmt.Fprintf(w, "%s %-12s  %11s  %11s  %s\n", mark, r.Placement, plan.Spell(r.DowntimeSeconds*1e3), between, any)
	}
	if more := len(p.Zones.Placements) - mostPlacements; more > 0 {
		fmt.Fprintf(w, "  and %d worse; --json has all\n", more)
	}
	fmt.Fprintln(w)
}

func printLeaders(w io.Writer, p *plan.Plan) {
	if len(p.Latency.ByLeader) < 2 {
		return
	}
	fmt.Fprintf(w, "\n  %-14s  %9s  %9s  %9s  %9s\n", "leader in zone", "p50", "mean", "p90", "p99")
	for _, r := range p.Latency.ByLeader {
		fmt.Fprintf(w, "  %-14s  %9s  %9s  %9s  %9s\n", r.Zone, plan.Spell(r.P50), plan.Spell(r.Mean), plan.Spell(r.P90), plan.Spell(r.P99))
	}
	fmt.Fprintln(w)
}

// printPlans lays two plans side by side.
func printPlans(w io.Writer, names []string, ps []*plan.Plan) {
	a, b := planRows(ps[0]), planRows(ps[1])
	fmt.Fprintf(w, "%-30s  %22s  %22s\n", "", shortened(names[0], 22), shortened(names[1], 22))
	for i := range a {
		mark := " "
		if a[i][1] != b[i][1] {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %-28s  %22s  %22s\n", mark, a[i][0], a[i][1], b[i][1])
	}
	fmt.Fprintln(w, "\n* where they differ")
}

// shortened keeps the end of a long name.
func shortened(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "..." + string(r[len(r)-n+3:])
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
		{"zones", p.Input.Zones.String()},
		{"quorum", fmt.Sprint(p.Quorum.Quorum)},
		{"may be lost together", fmt.Sprint(p.Quorum.Tolerates)},
		{"zones that break the quorum", breaks},
		{"down a year", seconds(p.Availability.DowntimeSeconds)},
		{"a loss of quorum in", or(p.Availability.YearsBetweenLosses*plan.Year.Seconds(), "never")},
		{"heartbeat", plan.Spell(p.Election.Heartbeat)},
		{"election timeout", plan.Spell(p.Election.Election)},
		{"false elections a year", plan.Number(p.Election.FalsePerYear)},
		{"fail-over p50", or(p.Failover.P50/1e3, "none")},
		{"fail-over p99", or(p.Failover.P99/1e3, "none")},
		{"commit p50", plan.Spell(p.Latency.P50)},
		{"commit p99", plan.Spell(p.Latency.P99)},
		{"write ceiling", plan.Number(p.Latency.Ceiling) + "/s"},
		{"writes of the load", plan.Number(p.Latency.Writes) + "/s"},
		{"peak size", size(p.Growth.Peak)},
		{"quota full in", full},
		{"without compaction in", or(p.Growth.QuotaWithout, "never")},
		{"memory a member", size(p.Resources.Memory)},
		{"disk a member", size(p.Resources.Disk)},
		{"replaced member ready in", seconds(p.Recovery.Member)},
		{"restored from a snapshot in", seconds(p.Recovery.Restore)},
	}
}
