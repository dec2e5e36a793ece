package sweep

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// Format is the version of a sweep's files.
const Format = 3

// Design says which trials a sweep has. It is a sweep's sweep.json, and has all that is
// needed to run them.
type Design struct {
	Format     int             `json:"format"`
	Version    string          `json:"version"`  // of the tool: another version may run a seed differently
	Scenario   string          `json:"scenario"` // name
	Load       string          `json:"load"`     // what quorumlab run is called with: the name, or the file's
	Source     string          `json:"source"`   // the file's text
	Sets       []string        `json:"sets"`     // settings of all variations
	Seed       uint64          `json:"seed"`     // of each variation's first trial
	Measures   Readings        `json:"measures"`
	Checks     []string        `json:"checks"` // null: all checks that a run is judged by
	Against    string          `json:"against,omitempty"`
	Show       []sim.Example   `json:"show,omitempty"`
	Axes       []sim.SweepAxis `json:"axes"`
	Variations []Variation     `json:"variations"`
	// Engine is what the trials run on; empty: sim.
	Engine string `json:"engine,omitempty"`
	// Module is the hash of the WebAssembly module of exact trials; empty: they are not.
	Module string `json:"module,omitempty"`
	// RandomFaults draws the script of each trial; with it the cluster and the load if
	// there is no Load.
	RandomFaults bool `json:"random_faults,omitempty"`

	Shard  int `json:"shard"` // from 1
	Shards int `json:"shards"`
}

// Variation is one way in which the scenario is run.
type Variation struct {
	Name   string   `json:"name"` // the points' names
	Points []int    `json:"points"`
	Set    []string `json:"set"`
	Trials int      `json:"trials"`
}

// mostVariations is how many variations a sweep may have: each is a scenario in memory, of about 20 kB.
const mostVariations = 10_000

// CheckAxes reports axes that multiply to more than mostVariations. Cross does not ask: count before.
func CheckAxes(axes []sim.SweepAxis) error {
	n := 1.0 // no product of lengths is too large for it
	var factors []string
	for _, a := range axes {
		n *= float64(len(a.Points))
		factors = append(factors, strconv.Itoa(len(a.Points)))
	}
	if n > mostVariations {
		return fmt.Errorf("the axes multiply to %.0f variations (%s); the most is %d", n, strings.Join(factors, " × "),
			mostVariations)
	}
	return nil
}

// Cross lists the variations: every point of an axis with every point of the others,
// the last axis changing fastest. Without axes it is the scenario as is. A point's
// own number of trials takes precedence over the sweep's, the smaller one if several
// points have one.
func Cross(axes []sim.SweepAxis, trials int) []Variation {
	vs := []Variation{{Points: []int{}, Set: []string{}}}
	for _, a := range axes {
		var next []Variation
		for _, v := range vs {
			for i, p := range a.Points {
				w := Variation{Points: append(slices.Clone(v.Points), i), Set: append(slices.Clone(v.Set), p.Set...),
					Trials: v.Trials}
				if p.Trials > 0 && (w.Trials == 0 || p.Trials < w.Trials) {
					w.Trials = p.Trials
				}
				next = append(next, w)
			}
		}
		vs = next
	}
	for i := range vs {
		vs[i].Name = nameOf(axes, vs[i].Points)
		if vs[i].Trials == 0 {
			vs[i].Trials = trials
		}
	}
	return vs
}

func nameOf(axes []sim.SweepAxis, points []int) string {
	var names []string
	for i, p := range points {
		names = append(names, axes[i].Label(p))
	}
	if len(names) == 0 {
		return "as is"
	}
	return strings.Join(names, ", ")
}

// ParseAxis reads PATH=VALUE,VALUE,... as an axis with a point for each value. Commas
// in brackets and quotes belong to their value.
func ParseAxis(s string) (sim.SweepAxis, error) {
	path, values, ok := strings.Cut(s, "=")
	if !ok || path == "" || values == "" {
		return sim.SweepAxis{}, fmt.Errorf(
			`%q: write an axis as PATH=VALUE,VALUE,..., like "cluster.members=3,5,7"`, s)
	}
	a := sim.SweepAxis{Name: path}
	for _, v := range splitValues(values) {
		v = strings.TrimSpace(v)
		if v == "" {
			return sim.SweepAxis{}, fmt.Errorf("%q: a value is empty", s)
		}
		if slices.ContainsFunc(a.Points, func(p sim.Point) bool { return p.Name == v }) {
			return sim.SweepAxis{}, fmt.Errorf("%q: the value %s is given twice", s, v)
		}
		a.Points = append(a.Points, sim.Point{Name: v, Set: []string{path + "=" + v}})
	}
	return a, nil
}

// splitValues cuts at the commas outside of brackets and quotes.
func splitValues(s string) (values []string) {
	depth, begin, quote := 0, 0, rune(0)
	for i, r := range s {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			values = append(values, s[begin:i])
			begin = i + 1
		}
	}
	return append(values, s[begin:])
}

// ParseShard reads "I/N", shard I of N from 1; "I+1/N" is the same for those who count from 0, as Kubernetes does.
func ParseShard(s string) (shard, shards int, err error) {
	i, n, ok := strings.Cut(s, "/")
	i, fromZero := strings.CutSuffix(i, "+1")
	shard, err1 := strconv.Atoi(i)
	if fromZero {
		shard++
	}
	shards, err2 := strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil || shard < 1 || shard > shards {
		return 0, 0, fmt.Errorf("%q is not a shard: write I/N with I from 1 to N, like 2/8", s)
	}
	return shard, shards, nil
}

// EngineName is the name of the engine that the trials run on.
func (p *Design) EngineName() string { return cmp.Or(p.Engine, "sim") }

// Trial is one run: a variation with a seed.
type Trial struct {
	Variation int // place in Design.Variations
	Number    int // within the variation, from 0
}

// check finds what no sweep can have.
func (p *Design) check() error {
	switch {
	case p.Shards < 1 || p.Shard < 1 || p.Shard > p.Shards:
		return fmt.Errorf("there is no shard %d of %d; a sweep in one piece is shard 1 of 1", p.Shard, p.Shards)
	case len(p.Variations) == 0:
		return errors.New("the sweep has no variations; Cross makes them, also of no axes")
	case len(p.Measures) == 0:
		return errors.New("the sweep measures nothing")
	}
	return nil
}

// Total is the number of trials of all shards.
func (p *Design) Total() (n int) {
	for _, v := range p.Variations {
		n += v.Trials
	}
	return n
}

// Own is the number of trials of the design's own shard: every Shards-th of all.
func (p *Design) Own() int { return (p.Total() - p.Shard + p.Shards) / p.Shards }

// number is that of the shard's trial at a place among all trials, from 0.
func (p *Design) number(place int) int { return place*p.Shards + p.Shard - 1 }

// Trial is the shard's trial at a place from 0 to Own less 1.
func (p *Design) Trial(place int) Trial {
	g := p.number(place)
	for i, v := range p.Variations {
		if g < v.Trials {
			return Trial{i, g}
		}
		g -= v.Trials
	}
	panic("sweep: no such trial")
}

// SeedOf is a trial's seed.
func (p *Design) SeedOf(t Trial) uint64 { return p.Seed + uint64(t.Number) }

// Replay is the command that runs a single trial: of random faults a sweep of one
// trial, which leaves the scenario that was drawn.
func (p *Design) Replay(t Trial) string {
	on := "--engine " + p.EngineName()
	words := []string{"quorumlab run", text.ShellWord(p.Load), on + " --seed", strconv.FormatUint(p.SeedOf(t), 10)}
	if p.RandomFaults {
		words[0], words[2] = "quorumlab sweep", "--random-faults --trials 1 --seed"
		if p.Engine != "" {
			words[2] = on + " " + words[2]
		}
		if p.Load == "" {
			words = slices.Delete(words, 1, 2)
		}
	}
	for _, s := range p.SetsOf(t.Variation) {
		words = append(words, "--set", text.ShellWord(s))
	}
	return strings.Join(words, " ")
}

// SetsOf returns all settings of a variation.
func (p *Design) SetsOf(variation int) []string {
	return slices.Concat(p.Sets, p.Variations[variation].Set)
}

// ErrOtherSweep is the error for records of another sweep than the one at hand.
var ErrOtherSweep = errors.New("it belongs to another sweep")

// SameSweep checks that two designs are shards of one sweep. The error says how they
// differ.
func (p *Design) SameSweep(q *Design) error {
	differs := func(what string, a, b any) error {
		return fmt.Errorf("%w: its %s is %v, not %v", ErrOtherSweep, what, b, a)
	}
	switch {
	case p.Version != q.Version:
		return differs("version", p.Version, q.Version)
	case p.Scenario != q.Scenario:
		return differs("scenario", p.Scenario, q.Scenario)
	case p.Source != q.Source:
		return fmt.Errorf("%w: the text of its scenario is different", ErrOtherSweep)
	case p.Engine != q.Engine:
		return differs("engine", p.EngineName(), q.EngineName())
	case p.RandomFaults != q.RandomFaults:
		return differs("use of random faults", p.RandomFaults, q.RandomFaults)
	case p.Seed != q.Seed:
		return differs("seed", p.Seed, q.Seed)
	case p.Shards != q.Shards:
		return differs("number of shards", p.Shards, q.Shards)
	case !slices.Equal(p.Sets, q.Sets):
		return differs("list of settings", p.Sets, q.Sets)
	case !slices.Equal(p.Measures, q.Measures):
		return differs("list of measures", p.Measures, q.Measures)
	case !slices.Equal(p.Checks, q.Checks) || (p.Checks == nil) != (q.Checks == nil):
		return differs("list of checks", p.Checks, q.Checks)
	case !slices.EqualFunc(p.Variations, q.Variations, sameVariation):
		return fmt.Errorf("%w: its variations are different", ErrOtherSweep)
	}
	return nil
}

func sameVariation(a, b Variation) bool {
	return a.Name == b.Name && a.Trials == b.Trials && slices.Equal(a.Set, b.Set)
}

// FolderName is the name of the folder of a sweep, or of a shard. Another engine than sim is part of it.
func (p *Design) FolderName() string {
	name := p.Scenario
	if p.Engine != "" {
		name += "-" + p.Engine
	}
	if p.Shards > 1 {
		return fmt.Sprintf("%s-sweep-%dof%d", name, p.Shard, p.Shards)
	}
	return name + "-sweep"
}
