package main

import (
	"context"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"quorumlab/docs"
	"quorumlab/lessons"
	"quorumlab/sim/script"
)

// TestNoLineIsWiderThanTheTerminal walks everything that the program tells of itself. A word that has no
// place to break stays whole (a matcher of an alert rule, a path), and what is meant to be copied from a
// fenced block of a page stays as it is written there.
func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	var all [][]string
	for name := range commands {
		all = append(all, []string{name, "--help"}, []string{"help", name})
	}
	for _, name := range listNames {
		all = append(all, []string{"list", name})
	}
	for _, p := range docs.Pages() {
		all = append(all, []string{"help", p.Topic})
	}
	for _, v := range script.Verbs() {
		all = append(all, []string{"help", v.Name})
	}
	for _, l := range lessons.All() {
		all = append(all, []string{"lesson", "show", l.ID})
	}
	all = append(all, []string{"help"}, []string{"lesson", "list"}, []string{"help", "failover"},
		[]string{"help", "figure"}, []string{"help", "README"})
	written := linesOfPages(t)
	for _, args := range all {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var out, errs strings.Builder
			if code := execute(context.Background(), args, streams{out: &out, err: &errs}); code != exitGood {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
			for line := range strings.Lines(out.String()) {
				line = strings.TrimRight(line, "\n")
				if w := ansi.StringWidth(line); w > columns && len(strings.Fields(line)) > 1 && !written[strings.TrimSpace(line)] {
					t.Errorf("%d columns: %s", w, line)
				}
			}
		})
	}
}

// linesOfPages are the lines of the manual's pages as they are written; only fenced ones are shown so.
func linesOfPages(t *testing.T) map[string]bool {
	lines := map[string]bool{}
	for _, p := range docs.Pages() {
		page, err := p.Text()
		if err != nil {
			t.Fatal(err)
		}
		fenced := false
		for line := range strings.Lines(page) {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			} else if fenced || strings.HasPrefix(line, "    ") {
				lines[strings.TrimSpace(line)] = true
			}
		}
	}
	return lines
}
