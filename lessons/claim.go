package lessons

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// Claim says what a fact must be: NAME OP VALUE, as in "winners == 1", "put == timeout",
// "failover <= 5s". The operators are ==, !=, <, <=, > and >=; for texts only the first two. A
// value is written in the fact's unit.
type Claim string

type claim struct{ fact, op, value string }

var claimShape = regexp.MustCompile(`^([a-z0-9][A-Za-z0-9._-]*) (==|!=|<=|>=|<|>) (.+)$`)

func (c Claim) parse() (claim, error) {
	m := claimShape.FindStringSubmatch(string(c))
	if m == nil {
		return claim{}, fmt.Errorf("claim %q is not of the form NAME OP VALUE", string(c))
	}
	return claim{m[1], m[2], m[3]}, nil
}

// Finding is the result of checking a claim.
type Finding struct {
	Claim Claim
	Holds bool
	Why   string // the fact's actual value
}

// Check compares the claim with the outcome. A claim about a missing fact does not hold.
func (c Claim) Check(o *Observations) Finding {
	f := Finding{Claim: c}
	p, err := c.parse()
	if err != nil {
		f.Why = err.Error()
		return f
	}
	fact, ok := o.Fact(p.fact)
	if !ok {
		f.Why = "there is no fact " + p.fact
		return f
	}
	f.Why = p.fact + " is " + fact.String()
	if fact.Text != "" {
		f.Holds = p.op == "==" && fact.Text == p.value || p.op == "!=" && fact.Text != p.value
		return f
	}
	want, err := fact.Unit.ParseValue(p.value)
	if err != nil {
		f.Why += fmt.Sprintf(", and %v", err)
		return f
	}
	f.Holds = compare(fact.Value, p.op, want)
	return f
}

func compare(v float64, op string, w float64) bool {
	switch op {
	case "==":
		return v == w
	case "!=":
		return v != w
	case "<":
		return v < w
	case "<=":
		return v <= w
	case ">":
		return v > w
	case ">=":
		return v >= w
	}
	return false
}

// Right reports whether an answer to the prediction matches the outcome. The answer is a
// choice's value, or a number in the fact's unit.
func (p *Prediction) Right(answer string, o *Observations) (bool, error) {
	f, ok := o.Fact(p.Fact)
	if !ok {
		return false, fmt.Errorf("the run has no fact %s", p.Fact)
	}
	if f.Text != "" || len(p.Choices) > 0 {
		return answer == f.String(), nil
	}
	v, err := f.Unit.ParseValue(answer)
	if err != nil {
		return false, err
	}
	room := p.Within * f.Value
	return v >= f.Value-room && v <= f.Value+room, nil
}

// Accept checks that an answer is well formed: one of the choices, or a number. Without
// choices the unit is the fact's, which only the run knows; so any unit is accepted here.
func (p *Prediction) Accept(answer string) error {
	if len(p.Choices) == 0 {
		for _, u := range []sim.Unit{sim.Count, sim.Millis, sim.Shares, sim.PerSecond, sim.Bytes} {
			if _, err := u.ParseValue(answer); err == nil {
				return nil
			}
		}
		return fmt.Errorf("%q is not a number", answer)
	}
	var known []string
	for _, c := range p.Choices {
		if c.Value == answer {
			return nil
		}
		known = append(known, c.Value)
	}
	return fmt.Errorf("%q is not one of the answers%s", answer, text.DidYouMeanOr(answer, known,
		"they are "+strings.Join(known, ", ")))
}

// Outcome is the result in words: the text of the right choice, or the fact.
func (p *Prediction) Outcome(o *Observations) string {
	f, _ := o.Fact(p.Fact)
	return p.InWords(f.String())
}

// InWords is an answer for people to read: the text of the choice that it picks.
func (p *Prediction) InWords(answer string) string {
	for _, c := range p.Choices {
		if c.Value == answer {
			return c.Text
		}
	}
	return answer
}

// Reason is Why as a full sentence.
func (p *Prediction) Reason() string {
	first, size := utf8.DecodeRuneInString(p.Why)
	s := string(unicode.ToUpper(first)) + p.Why[size:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
