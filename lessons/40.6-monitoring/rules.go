package monitoring

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"

	"quorumlab/lessons"
	"quorumlab/scenarios"
	"quorumlab/sim/alert"
)

// readRules reads a file of alert rules as Prometheus does, by its own parser. Errors are
// *lessons.BadAnswer.
func readRules(name string, text []byte) (rules []alert.Rule, err error) {
	groups, errs := rulefmt.Parse(text, false, model.UTF8Validation)
	if len(errs) > 0 {
		return nil, &lessons.BadAnswer{Err: placed(name, string(text), errs)}
	}
	refuse := func(format string, args ...any) ([]alert.Rule, error) {
		return nil, &lessons.BadAnswer{Err: fmt.Errorf("%s: "+format, append([]any{name}, args...)...)}
	}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			switch {
			case r.Record != "":
				return refuse("recording rule %s: only alerts are evaluated here; put its expression into the alert", r.Record)
			case r.KeepFiringFor != 0:
				return refuse("alert %s: keep_firing_for is not supported here; leave it out", r.Alert)
			}
			rules = append(rules, alert.Rule{Name: r.Alert, Severity: r.Labels["severity"], For: time.Duration(r.For),
				Expr: r.Expr})
		}
	}
	if len(rules) == 0 {
		return refuse("it has no alerts: groups have rules, and a rule has alert, expr and for")
	}
	return rules, nil
}

var (
	atNode = regexp.MustCompile(`^(\d+):(\d+): (?:\d+:\d+: )?`)
	atLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s+)?line (\d+): `)
	inExpr = regexp.MustCompile(`could not parse expression: (\d+):(\d+): parse error: `)
)

// placed gives errors of Prometheus' parsers the manners of all others: the file, the line and
// the column, and the line with a mark.
func placed(name, text string, errs []error) error {
	lines := strings.Split(text, "\n")
	var all scenarios.Error
	for _, err := range errs {
		p := scenarios.PlacedProblem{Source: name, Line: 1, Column: 1, Err: err}
		said := err.Error()
		if m := atNode.FindStringSubmatch(said); m != nil {
			p.Line, p.Column = number(m[1]), number(m[2])
			said = said[len(m[0]):]
		} else if m := atLine.FindStringSubmatch(said); m != nil {
			p.Line = number(m[1])
			said = said[len(m[0]):]
		}
		if m := inExpr.FindStringSubmatch(said); m != nil {
			p.Line, p.Column = within(lines, p.Line, p.Column, number(m[1]), number(m[2]))
			said = strings.Replace(said, m[0], "in the expression: ", 1)
		}
		p.Err = errors.New(said)
		if p.Line >= 1 && p.Line <= len(lines) {
			p.Text = lines[p.Line-1]
		}
		all.Problems = append(all.Problems, p)
	}
	return &all
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // digits, by the pattern
	return n
}

// within is where in the file a place of an expression is that begins at a line and a column.
// A folded one is not followed: then it is where the expression begins.
func within(lines []string, line, column, exprLine, exprColumn int) (int, int) {
	if line < 1 || line > len(lines) {
		return line, column
	}
	runes := []rune(lines[line-1])
	begins := ' '
	if column >= 1 && column <= len(runes) {
		begins = runes[column-1]
	}
	switch {
	case begins == '|' && line+exprLine <= len(lines):
		inner := lines[line+exprLine-1]
		indent := len(lines[line]) - len(strings.TrimLeft(lines[line], " "))
		return line + exprLine, min(indent+exprColumn, utf8.RuneCountInString(inner)+1)
	case exprLine != 1 || begins == '>' || begins == '|':
		return line, column
	case begins == '\'' || begins == '"':
		column++
	}
	return line, min(column+exprColumn-1, len(runes)+1)
}
