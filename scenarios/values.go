package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/script"
)

// The values of a file that the YAML text writes in a way of its own.

// duration is a time like "1.5s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) {
	return []byte(sim.FormatDuration(time.Duration(d))), nil
}

func (d *duration) UnmarshalText(b []byte) error {
	v, err := sim.ParseDuration(string(b))
	*d = duration(v)
	return err
}

// rate is operations a second, like "200/s".
type rate int

func (r rate) MarshalText() ([]byte, error) { return []byte(sim.FormatRate(int(r))), nil }

func (r *rate) UnmarshalText(b []byte) error {
	v, err := sim.ParseRate(string(b))
	*r = rate(v)
	return err
}

// role is a member's role at the start.
type role sim.Role

func (r role) MarshalText() ([]byte, error) {
	if sim.Role(r) == sim.Learner {
		return []byte("learner"), nil
	}
	return []byte("voter"), nil
}

func (r *role) UnmarshalText(b []byte) error {
	switch string(b) {
	case "voter":
		*r = role(sim.Follower)
	case "learner":
		*r = role(sim.Learner)
	default:
		return fmt.Errorf("a member's role must be voter or learner, not %q", b)
	}
	return nil
}

// group is selectors, as in statements: "n1 zone b".
type group []sim.Selector

func (g group) MarshalText() ([]byte, error) { return []byte(sim.FormatSelectors(g)), nil }

func (g *group) UnmarshalText(b []byte) (err error) {
	*g, err = sim.ParseSelectors(string(b))
	return err
}

// statement is a line of the script.
type statement sim.Statement

func (s statement) MarshalText() ([]byte, error) { return sim.Statement(s).MarshalText() }

func (s *statement) UnmarshalText(b []byte) error {
	v, err := script.Parse(string(b))
	*s = statement(v)
	return err
}

// expectation is a check's name or a comparison of a measure.
type expectation sim.Expectation

func (e expectation) MarshalText() ([]byte, error) { return sim.Expectation(e).MarshalText() }

func (e *expectation) UnmarshalText(b []byte) error {
	v, err := check.ParseExpectation(string(b))
	*e = expectation(v)
	return err
}

// reading is a measure, or a comparison of one.
type reading sim.Reading

func (r reading) MarshalText() ([]byte, error) { return sim.Reading(r).MarshalText() }

func (r *reading) UnmarshalText(b []byte) error {
	v, err := check.ParseReading(string(b))
	*r = reading(v)
	return err
}

// distribution is a time distribution: a text, or its quantiles as fields.
type distribution sim.Distribution

type quantiles struct {
	// The median.
	P50 duration `yaml:"p50"`
	// The 99th percentile.
	P99 duration `yaml:"p99"`
}

func (l *distribution) decode(d *decoder, n *node, path string) {
	if n.kind != mapping {
		decodeText(d, n, path, (*sim.Distribution)(l), "a time distribution")
		return
	}
	before := len(d.problems)
	var points []sim.DistributionPoint
	var most duration
	for _, f := range n.fields {
		if f.name == "max" {
			d.into(&most, f.value, join(path, f.name))
			continue
		}
		share, err := sim.ParseQuantile(f.name)
		if err != nil {
			d.bad(f.place, "unknown field %q; the fields of %s are quantiles like p50, p99 and p99.9, and max", f.name, path)
			continue
		}
		var value duration
		d.into(&value, f.value, join(path, f.name))
		points = append(points, sim.DistributionPoint{Share: share, Value: time.Duration(value)})
	}
	if len(d.problems) > before {
		return
	}
	slices.SortFunc(points, func(a, b sim.DistributionPoint) int { return cmp.Compare(a.Share, b.Share) })
	v, err := sim.Quantiles(points, time.Duration(most))
	if err != nil {
		d.bad(n.place, "%w", err)
	}
	*l = distribution(v)
}

func (l distribution) short() any {
	if l.P99 > 0 {
		return quantiles{duration(l.P50), duration(l.P99)}
	}
	return sim.Distribution(l)
}

// members is a number of voters, or the members one by one.
type members []member

// voters are n members with default names.
func voters(n int) members {
	ms := make(members, n)
	for i := range ms {
		ms[i].setDefaults()
	}
	ms.name()
	return ms
}

// name gives each member without a name the name of its place.
func (ms members) name() {
	for i := range ms {
		if ms[i].Name == "" {
			ms[i].Name = sim.MemberID(i + 1).String()
		}
	}
}

func (ms *members) decode(d *decoder, n *node, path string) {
	if n.kind == sequence {
		d.into((*[]member)(ms), n, path)
		ms.name()
		return
	}
	var count int
	before := len(d.problems)
	d.into(&count, n, path)
	switch {
	case len(d.problems) > before:
	case count < 1 || count > sim.MaxMembers:
		d.bad(n.place, "a cluster must have 1 to %d members, not %d", sim.MaxMembers, count)
	default:
		*ms = voters(count)
	}
}

func (ms members) short() any {
	if slices.Equal(ms, voters(len(ms))) {
		return len(ms)
	}
	out := slices.Clone([]member(ms))
	for i := range out {
		if out[i].Name == sim.MemberID(i+1).String() {
			out[i].Name = ""
		}
	}
	return out
}
