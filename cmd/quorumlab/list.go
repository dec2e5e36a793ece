package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/text"
	"quorumlab/plots"
	"quorumlab/plots/plans"
	"quorumlab/plots/sweeps"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/alert"
	"quorumlab/sim/check"
	"quorumlab/sim/script"
)

// lists are what `list` can show, by name.
var lists = map[string]func(io.Writer) error{
	"scenarios":  listScenarios,
	"faults":     listFaults,
	"statements": listFaults,
	"measures":   listMeasures,
	"figures":    listFigures,
	"checks":     listChecks,
	"alerts":     listAlerts,
}

var listNames = []string{"scenarios", "faults", "statements", "measures", "figures", "checks", "alerts"}

func init() {
	register(command{
		name:     "list",
		args:     "[scenarios | faults | statements | measures | figures | checks | alerts]",
		about:    "Shows what there is: the library, the statements, measures, figures, checks and alerts",
		examples: []string{"quorumlab list faults"},
		next:     listArgs,
		flags: func(*pflag.FlagSet) action {
			return func(_ context.Context, args []string, std streams) error {
				if len(args) == 0 {
					args = []string{"scenarios"}
				}
				show, ok := lists[args[0]]
				if !ok || len(args) > 1 {
					return badUsage("", "unknown list %q%s", strings.Join(args, " "), text.DidYouMeanOr(args[0],
						listNames, "the lists are "+strings.Join(listNames, ", ")))
				}
				return show(std.out)
			}
		},
	})
}

func listScenarios(w io.Writer) error {
	for _, e := range scenarios.Library() {
		s, err := scenarios.Load(e.Name)
		if err != nil {
			return err
		}
		hanging(w, fmt.Sprintf("%-29s %-9s ", s.Name, strings.Join(s.Engines, " ")), s.Title)
	}
	return nil
}

func listFaults(w io.Writer) error {
	for _, v := range script.Verbs() {
		fmt.Fprintln(w, v.Usage())
		hanging(w, "    ", v.About)
		fmt.Fprintln(w, "    example:", v.Example)
	}
	return nil
}

// measureWidth is how wide the column of the measures' names is.
const measureWidth = 20

// listMeasures shows the numbers that are read off a trace; those of a family once.
func listMeasures(w io.Writer) error {
	listed := map[string]bool{}
	for _, m := range check.Measures() {
		name, about := m.Name, m.About
		if m.Family != "" {
			name, about = m.Family, "like "+m.Name+": "+about
		}
		if listed[name] {
			continue
		}
		listed[name] = true
		unit := string(m.Unit)
		if m.Unit == sim.Count {
			unit = "count"
		}
		if len(name) > measureWidth { // a line of its own, so that the columns stay
			fmt.Fprintln(w, name)
			name = ""
		}
		hanging(w, fmt.Sprintf("%-*s %-6s ", measureWidth, name, unit), about+" (window: "+string(m.Rule)+")")
	}
	fmt.Fprintln(w, "\nA window ends with the run at the latest. The word behind each measure says what\n"+
		"counts in a window:")
	for _, r := range sim.WindowRules {
		hanging(w, fmt.Sprintf("  %-10s ", string(r)), r.About())
	}
	return nil
}

// listFigures shows the pictures, by what they are drawn from.
func listFigures(w io.Writer) error {
	fmt.Fprintln(w, "Of a run:")
	for _, f := range plots.Figures() {
		hanging(w, fmt.Sprintf("  %-20s ", f.Name), f.About)
	}
	fmt.Fprintln(w, "\nOf a sweep:")
	for _, f := range sweeps.Figures() {
		hanging(w, fmt.Sprintf("  %-20s ", f.Name), f.About)
	}
	fmt.Fprintln(w, "\nOf a plan:")
	for _, f := range plans.Figures() {
		hanging(w, fmt.Sprintf("  %-20s ", f.Name), f.About)
	}
	return nil
}

func listChecks(w io.Writer) error {
	for _, c := range check.Checks() {
		when := "on request"
		if c.Always {
			when = "always"
		}
		hanging(w, fmt.Sprintf("%-16s %-10s ", c.Name, when), c.About)
	}
	return nil
}

// listAlerts shows the alert rules, as an operator reads them: with production's times.
func listAlerts(w io.Writer) error {
	for _, r := range alert.Rules() {
		fmt.Fprintf(w, "%s (%s, for %s)\n", r.Name, r.Severity, sim.FormatDuration(r.For))
		hanging(w, "    ", r.About)
		hanging(w, "    ", r.Expr)
	}
	return nil
}
