package monitor

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"quorumlab/sim/alert"
)

// lookback is how far an expression looks for the last sample of a series: Prometheus'
// default, at production's pace.
const lookback = 5 * time.Minute

// rule is a rule at the pace of a run.
type rule struct {
	alert.Rule
	expr string
	hold time.Duration
	machine
}

// compile adapts a rule to a pace. Needs gains how far back the expression looks into
// each metric. Errors are those of the expression's syntax.
func compile(r alert.Rule, pace int, needs map[string]time.Duration) (*rule, error) {
	e, err := parser.ParseExpr(r.Expr)
	if err != nil {
		return nil, fmt.Errorf("alert rule %s: %w", r.Name, err)
	}
	hurry(e, pace)
	for metric, reach := range reaches(e, lookback/time.Duration(pace)) {
		needs[metric] = max(needs[metric], reach)
	}
	return &rule{Rule: r, expr: e.String(), hold: r.For / time.Duration(pace), machine: machine{}}, nil
}

// hurry divides the times in an expression: windows, steps, offsets, and numbers that are
// written as times.
func hurry(e parser.Expr, pace int) {
	by := time.Duration(pace)
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.MatrixSelector:
			n.Range /= by
		case *parser.SubqueryExpr:
			n.Range /= by
			n.Step /= by
			n.OriginalOffset /= by
		case *parser.VectorSelector:
			n.OriginalOffset /= by
		case *parser.NumberLiteral:
			if n.Duration {
				n.Val /= float64(pace)
			}
		}
		return nil
	})
}

// reaches returns how far back an expression looks into each metric.
func reaches(e parser.Expr, lookback time.Duration) map[string]time.Duration {
	all := map[string]time.Duration{}
	parser.Inspect(e, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		reach := lookback
		for _, above := range path {
			switch above := above.(type) {
			case *parser.MatrixSelector:
				reach = above.Range
			case *parser.SubqueryExpr:
				reach += above.Range + above.Step + above.OriginalOffset
			}
		}
		all[v.Name] = max(all[v.Name], reach+v.OriginalOffset)
		return nil
	})
	return all
}
