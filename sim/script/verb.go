package script

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// Verb is a kind of statement. The verbs stand in files by their families,
// family_NAME.go, and register themselves; one more may as well have a file of its own.
type Verb struct {
	Family  string // what it works on: network, disk, store, ...
	Name    string
	Args    []*Arg
	About   string
	Example string // parses to the same text; tests walk it
	Began   string // a sentence for when it took effect; see Tell
	// Later says that Began tells what has been done and not what was asked for, which is known only when
	// the cluster has done it (sim.KindFaultDone).
	Later bool
	Over  string // and for when it ended, if it lasts
	// Already tells that nothing changed for members that were as the statement has them when it
	// took effect; they are those that AlreadySo picks. Both are empty where that can't be.
	Already   string
	AlreadySo func(up, paused bool) bool
	Lasts     bool // `for:` may end it, and it has a band on the figures
	Needs     []sim.Power
	// Insists: it asks by itself until the cluster takes what it asks for, and takes no retry.
	Insists bool
	// Absent: members that it names need not belong to the cluster when it fires, which then answers for itself.
	Absent bool
	// Clients: its members may be clients, too, like "client c1"; see sim.ByClient.
	Clients bool
	// Apply carries the statement out. It runs when the statement fires.
	Apply func(a *Action) error
}

var verbs = map[string]*Verb{}

// register adds a verb; it is called from the init of the file that has it.
func register(v Verb) {
	if verbs[v.Name] != nil {
		panic("script: verb " + v.Name + " is registered twice")
	}
	verbs[v.Name] = &v
}

// Verbs lists the verbs by name.
func Verbs() []*Verb {
	vs := make([]*Verb, 0, len(verbs))
	for _, n := range verbNames() {
		vs = append(vs, verbs[n])
	}
	return vs
}

func verbNames() []string {
	ns := make([]string, 0, len(verbs))
	for n := range verbs {
		ns = append(ns, n)
	}
	sort.Strings(ns)
	return ns
}

// VerbNamed finds a verb, or nil.
func VerbNamed(name string) *Verb { return verbs[name] }

// Usage is the verb's shape, like "slow-disk MEMBERS TIME".
func (v *Verb) Usage() string {
	s := v.Name
	for _, a := range v.Args {
		s += " " + a.Shape
	}
	return s
}

// Text is a statement of this verb as ParseStatement reads it, with one space between words.
func (v *Verb) Text(st sim.Statement) string {
	out := v.Name
	for _, a := range v.Args {
		if t := a.write(st); t != "" {
			out += " " + t
		}
	}
	return out
}

// Refuse asks an engine's reason (empty: it can) for each power that the script needs.
func Refuse(s *sim.Scenario, lacks func(sim.Power) string) []sim.Refusal {
	var rs []sim.Refusal
	for i, st := range s.Steps {
		needs := verbs[st.Do.Verb].Needs
		if namesClients(st.Do) {
			needs = append(slices.Clip(needs), sim.PowerClients)
		}
		for _, p := range needs {
			if why := lacks(p); why != "" {
				rs = append(rs, sim.Refusal{Step: i + 1, What: st.Do.String(), Reason: why})
			}
		}
	}
	return rs
}

// Problems lists what contradicts itself or names what does not exist in a step of this verb.
func (v *Verb) Problems(s *sim.Scenario, step sim.Step) []sim.Problem {
	p := finder{s: s, step: step}
	if step.For > 0 && !v.Lasts {
		p.bad("for", 0, "%q is instantaneous; it can't last for %s", v.Name, sim.FormatDuration(step.For))
	}
	p.names()
	p.clients(v)
	for _, a := range v.Args {
		if a == argSides {
			p.sides()
		}
	}
	p.amounts()
	p.leases()
	if v.Name == "load" && s.Workload.Clients == 0 {
		p.bad("do", 0, "there is no workload whose rate could change; set workload.clients")
	}
	return p.found
}

// finder finds the problems of a step.
type finder struct {
	s     *sim.Scenario
	step  sim.Step
	found []sim.Problem
}

func (f *finder) bad(path string, offset int, format string, args ...any) {
	f.found = append(f.found, sim.Problem{Path: path, Offset: offset, Err: fmt.Errorf(format, args...)})
}

// at has a problem at a word of the statement.
func (f *finder) at(w, format string, args ...any) {
	f.bad("do", wordAt(f.step.Do, w), format, args...)
}

func (f *finder) names() {
	st := f.step.Do
	taken := func(name, word string) {
		for _, m := range f.s.Cluster.Members {
			if m.Name == name && !f.mayHaveLeft(m.Name) {
				f.at(word, "%q is already a member; a new member needs a new name, or that of one that was "+
					"removed before", name)
			}
		}
	}
	if st.New != "" {
		taken(st.New, st.New)
	}
	for _, name := range st.Join {
		taken(name, "+"+name)
	}
	for _, g := range st.Groups {
		for _, x := range g {
			var err error
			switch x.By {
			case sim.ByName:
				_, err = f.s.MemberID(x.Name)
			case sim.ByZone:
				err = f.s.CheckZone(x.Name)
			}
			if err != nil {
				f.at(x.Name, "%w", err)
			}
		}
	}
}

// mayHaveLeft reports whether a member may have been removed when the step comes, so that a new one may have its name:
// by a statement before it, or by its own.
func (f *finder) mayHaveLeft(name string) bool {
	removes := func(st sim.Statement) bool {
		return st.Verb == "remove" || st.Verb == "replace" || st.Verb == "change-members"
	}
	if g := f.step.Do.Groups; removes(f.step.Do) && len(g) > 0 && slices.Equal(g[0], []sim.Selector{sim.Named(name)}) {
		return true
	}
	own := f.step.Do.String()
	return slices.ContainsFunc(f.s.Steps, func(o sim.Step) bool {
		return removes(o.Do) && (o.At < f.step.At || o.At == f.step.At && o.Do.String() != own)
	})
}

// Bounds of what a statement may write.
const (
	maxFill  = 1_000_000 // keys
	maxNodes = 1_000
	maxPods  = 30_000
)

// amounts finds statements that ask for more than a cluster on one machine can take.
func (f *finder) amounts() {
	st := f.step.Do
	most := func(n, most int64, what string) {
		if n > most {
			f.at(strconv.FormatInt(n, 10), "%d %s are more than the maximum of %d", n, what, most)
		}
	}
	switch st.Verb {
	case "fill":
		most(st.Number, maxFill, "keys")
		if st.Size > sim.MaxValue {
			f.at(st.Size.String(), "%s is more than the 1MiB that fits in etcd's request limit of 1.5MiB", st.Size)
		}
	case "kubernetes":
		most(st.Number, maxNodes, "nodes")
		most(st.Second, maxPods, "pods")
	}
}

// sides finds what stands on two sides of a partition. What the selectors mean
// while the run goes on, the injector looks at again.
func (f *finder) sides() {
	st := f.step.Do
	side := map[sim.Selector]int{}
	for i, g := range st.Groups {
		for _, x := range g {
			if j, ok := side[x]; ok && j != i && x.By != sim.ByRandom {
				f.bad("do", strings.LastIndex(st.String(), x.String()), "%q is on two sides of the partition", x)
			}
			side[x] = i
		}
	}
}

// wordAt is where a word stands in a statement's text.
func wordAt(st sim.Statement, w string) int {
	for _, x := range text.Words(st.String()) {
		if x.Text == w {
			return x.Offset
		}
	}
	return 0
}
