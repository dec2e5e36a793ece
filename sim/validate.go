package sim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/text"
)

// Problem is an impossible setting of a scenario.
type Problem struct {
	// Path is the setting's place in the scenario file, like "cluster.heartbeat",
	// "steps[2].do" or "expect[0]".
	Path   string
	Offset int // in bytes into the value's text, for statements
	Err    error
}

func (p Problem) Error() string { return p.Path + ": " + p.Err.Error() }

// Names reports whether the script has the statement that an expectation is about; one that is
// about none it names too.
func (s *Scenario) Names(e Expectation) bool {
	return e.Statement == "" || slices.Contains(s.statements(), e.Statement)
}

// statements are those of the script, as it has them.
func (s *Scenario) statements() []string {
	out := make([]string, len(s.Steps))
	for i, st := range s.Steps {
		out[i] = st.Do.String()
	}
	return out
}

// Validate lists what contradicts itself or names what does not exist. A scenario
// without problems can be handed to an engine. Its zero settings must have been
// replaced by defaults before.
func (s *Scenario) Validate() []Problem {
	v := validator{s: s}
	v.head()
	v.cluster()
	v.workload()
	v.steps()
	v.alerts()
	for i, e := range s.Expect {
		opposite := e
		opposite.Broken = !e.Broken
		if e.Check != "" && slices.Contains(s.Expect[:i], opposite) {
			v.bad(fmt.Sprintf("expect[%d]", i), "%q and %q can't both be true", opposite, e)
		}
		if !s.Names(e) {
			v.badAt(fmt.Sprintf("expect[%d]", i), len(e.Outcome)+1, "the script has no statement %q%s", e.Statement,
				text.DidYouMean(e.Statement, s.statements()))
		}
		if e.Window.To > s.Run || e.Window.From >= s.Run && s.Run > 0 {
			v.badAt(fmt.Sprintf("expect[%d]", i), len(e.Measure), "the window %s is outside the run, which is %s long", e.Window,
				FormatDuration(s.Run))
		}
	}
	return v.problems
}

type validator struct {
	s        *Scenario
	problems []Problem
}

func (v *validator) bad(path, format string, args ...any) {
	v.badAt(path, 0, format, args...)
}

func (v *validator) badAt(path string, offset int, format string, args ...any) {
	v.problems = append(v.problems, Problem{path, offset, fmt.Errorf(format, args...)})
}

// EngineNames are the names of the engines that a scenario can list.
var EngineNames = []string{"sim", "etcd"}

// RunEngines are the names of the engines that runs come from, in display order.
var RunEngines = []string{"sim", "etcd", EtcdVirtual}

// EtcdVirtual is the engine that runs, in virtual time, what lists etcd.
const EtcdVirtual = "etcd-virtual"

func (v *validator) head() {
	if !scenarioName.MatchString(v.s.Name) {
		v.bad("name", "%q is not a scenario name: use lower-case words and numbers joined by dashes", v.s.Name)
	}
	if len(v.s.Engines) == 0 {
		v.bad("engines", "no engine is named; the engines are %s", strings.Join(EngineNames, " and "))
	}
	for i, e := range v.s.Engines {
		path := fmt.Sprintf("engines[%d]", i)
		switch {
		case e == EtcdVirtual:
			v.bad(path, "a scenario lists etcd, which goes for real and virtual time; run it with --engine %s", e)
		case !slices.Contains(EngineNames, e):
			v.bad(path, "unknown engine %q%s", e, text.DidYouMeanOr(e, EngineNames,
				"the engines are "+strings.Join(EngineNames, " and ")))
		}
		if slices.Contains(v.s.Engines[:i], e) {
			v.bad(path, "the engine %q is named twice", e)
		}
	}
}

var scenarioName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// MaxMembers is how large a cluster can be on the sim engine.
const MaxMembers = 101

func (v *validator) cluster() {
	c := &v.s.Cluster
	names := map[string]bool{}
	voters := 0
	for i, m := range c.Members {
		path := fmt.Sprintf("cluster.members[%d]", i)
		if err := CheckName(m.Name); err != nil {
			v.bad(path+".name", "%w", err)
		}
		if names[m.Name] {
			v.bad(path+".name", "the name %q is used twice", m.Name)
		}
		names[m.Name] = true
		if m.Zone != "" {
			if err := CheckName(m.Zone); err != nil {
				v.bad(path+".zone", "%w", err)
			}
		}
		if m.Role != Learner {
			voters++
		}
	}
	if voters == 0 || len(c.Members) > MaxMembers {
		v.bad("cluster.members", "a cluster must have 1 to %d members, at least one with a vote", MaxMembers)
	}
	v.problems = append(v.problems, c.timingProblems()...)
	for i, m := range c.Members {
		for _, p := range m.MemberSettings.problems(c) {
			v.problems = append(v.problems, Problem{fmt.Sprintf("cluster.members[%d].%s", i, p.Path), p.Offset, p.Err})
		}
	}
	for i, r := range c.Links {
		for _, side := range []struct {
			name string
			g    []Selector
		}{{"from", r.From}, {"to", r.To}} {
			v.linkSide(fmt.Sprintf("cluster.links[%d].%s", i, side.name), side.g)
		}
	}
	v.problems = append(v.problems, c.settingProblems()...)
}

// settingProblems are what the settings find wrong with their values.
func (c *ClusterSpec) settingProblems() []Problem {
	v := validator{}
	for _, st := range settings {
		if st.Bad == nil {
			continue
		}
		if err := st.Bad(c); err != nil {
			v.bad(st.Path, "%w", err)
		}
	}
	return v.problems
}

func (c *ClusterSpec) problems() []Problem { return append(c.timingProblems(), c.settingProblems()...) }

func (c *ClusterSpec) timingProblems() []Problem {
	v := validator{}
	v.timing(c)
	return v.problems
}

func (v *validator) timing(c *ClusterSpec) {
	if c.Heartbeat < 100*time.Microsecond || c.Heartbeat > time.Minute {
		v.bad("cluster.heartbeat", "%s is not between 100us and 1m", FormatDuration(c.Heartbeat))
		return
	}
	if c.Election.Measured() {
		v.bad("cluster.election", "the election timeout must be a value or a range, not quantiles")
		return
	}
	if c.Tick < 0 || c.Tick > c.Heartbeat {
		v.bad("cluster.tick", "a tick of %s is longer than the heartbeat of %s", FormatDuration(c.Tick),
			FormatDuration(c.Heartbeat))
		return
	}
	if c.Election.Lo <= c.Heartbeat {
		v.bad("cluster.election", "the election timeout %s must be longer than the heartbeat %s", c.Election,
			FormatDuration(c.Heartbeat))
		return
	}
	tick, beat, lo, hi := c.ElectionTicks()
	switch {
	case tick < 10*time.Microsecond:
		v.bad("cluster.tick", "a tick of %s is shorter than 10us", FormatDuration(tick))
	case c.Heartbeat%tick != 0:
		v.bad("cluster.heartbeat", "%s is not a whole number of ticks of %s", FormatDuration(c.Heartbeat),
			FormatDuration(tick))
	case c.Election.Lo%tick != 0 || c.Election.Hi%tick != 0:
		v.bad("cluster.election", "%s is not a whole number of ticks of %s; %s would be", c.Election, FormatDuration(tick),
			c.Election.roundedUp(tick))
	case lo <= beat:
		v.bad("cluster.election", "the election timeout %s must be longer than the heartbeat %s", c.Election,
			FormatDuration(c.Heartbeat))
	case c.Election.Hi > 2*c.Election.Lo:
		v.bad("cluster.election", "the range %s is wider than raft allows: its end may be at most twice its start",
			c.Election)
	case c.Election.Hi > 50*time.Second:
		v.bad("cluster.election", "%s is longer than the 50s that etcd allows", c.Election)
	case hi < lo:
		v.bad("cluster.election", "%s holds no whole tick of %s", c.Election, FormatDuration(tick))
	}
}

// roundedUp is the distribution with its ends at whole ticks.
func (l Distribution) roundedUp(tick time.Duration) Distribution {
	up := func(d time.Duration) time.Duration { return (d + tick - 1) / tick * tick }
	return Distribution{Lo: up(l.Lo), Hi: up(l.Hi)}
}

func (v *validator) linkSide(path string, g []Selector) {
	if len(g) == 0 {
		v.bad(path, "a link rule needs members here")
	}
	for i, x := range g {
		place := placeIn(g, i)
		switch x.By {
		case ByName:
			v.member(path, place, x.Name)
		case ByZone:
			v.zone(path, place+len("zone "), x.Name)
		case ByAll:
		case ByClient, ByClients:
			v.badAt(path, place, "links are those between members; workload.places says how far away a client is")
		default:
			v.badAt(path, place, "%q changes during a run; use names, zones or all", x)
		}
	}
}

// placeIn is where selector i of a group stands in the group's text.
func placeIn(g []Selector, i int) int {
	if i == 0 {
		return 0
	}
	return len(FormatSelectors(g[:i])) + 1
}

func (v *validator) member(path string, offset int, name string) {
	if _, err := v.s.MemberID(name); err != nil {
		v.badAt(path, offset, "%w", err)
	}
}

func (v *validator) zone(path string, offset int, name string) {
	if err := v.s.CheckZone(name); err != nil {
		v.badAt(path, offset, "%w", err)
	}
}

// MaxValue is how large a value may be, in bytes: it fits in etcd's request limit.
const MaxValue = 1 << 20

func (v *validator) workload() {
	w := &v.s.Workload
	if w.Clients == 0 {
		return
	}
	if w.Clients < 0 || w.Clients > 10_000 {
		v.bad("workload.clients", "%d is not between 0 and 10000", w.Clients)
	}
	if !w.Mix.valid() {
		v.bad("workload.mix", "the weights must be from 0 to 1000000, and not all 0")
	}
	if w.Keys < 1 || w.Keys > 1_000_000 {
		v.bad("workload.keys", "%d is not between 1 and 1000000", w.Keys)
	}
	if w.Value > MaxValue {
		v.bad("workload.value", "%s is more than the 1MiB that fits in etcd's request limit of 1.5MiB", w.Value)
	}
	if w.Rate > 0 && !w.Think.IsZero() {
		v.bad("workload.think", "clients rest only without a rate: with %s an operation begins when it is due",
			FormatRate(w.Rate))
	}
	if n := w.Sizes.largest(); n > MaxValue {
		v.bad("workload.sizes", "%s is more than the 1MiB that fits in etcd's request limit of 1.5MiB; a max keeps them "+
			"below it", n.Rounded())
	}
	if w.Bursts != (Bursts{}) {
		err := w.Bursts.problem(w.Rate)
		if w.Rate == 0 {
			err = errors.New("bursts come on top of a rate: set workload.rate")
		}
		if err != nil {
			v.bad("workload.bursts", "%w", err)
		}
	}
	if w.Timeout <= 0 {
		v.bad("workload.timeout", "the timeout must be above 0")
	}
	if w.Reads == ReadLease && !v.s.Cluster.CheckQuorum {
		v.bad("workload.reads", "lease reads need check-quorum: true, or an old leader would never notice that its lease "+
			"ended")
	}
	if !slices.Contains([]ReadMode{ReadLinearizable, ReadLease, ReadSerializable}, w.Reads) {
		v.bad("workload.reads", "reads must be linearizable, lease or serializable, not %q", w.Reads)
	}
	v.places()
	for i, x := range w.Via {
		switch x.By {
		case ByName:
			v.member("workload.via", placeIn(w.Via, i), x.Name)
		case ByAll, ByLeader, ByFollowers:
		default:
			v.badAt("workload.via", placeIn(w.Via, i), "%q is not possible here; use all, leader, followers or names", x)
		}
	}
}

func (m Mix) valid() bool {
	for _, w := range []int{m.Put, m.Get, m.CAS, m.Lease, m.Lock} {
		if w < 0 || w > 1_000_000 {
			return false
		}
	}
	return m != Mix{}
}

func (v *validator) steps() {
	if v.s.Run <= 0 || v.s.Run > 24*time.Hour {
		v.bad("run", "the run must be longer than 0 and at most 24h")
	}
	for i, st := range v.s.Steps {
		path := fmt.Sprintf("steps[%d]", i)
		if st.At < 0 || st.At > v.s.Run {
			v.bad(path+".at", "%s is after the end of the run at %s", FormatDuration(st.At), FormatDuration(v.s.Run))
		}
		if i > 0 && st.At >= v.s.Steps[i-1].At && st.At < v.s.Steps[i-1].At+v.s.Steps[i-1].Within {
			v.bad(path+".at", "%s is before the end of the previous step, which may happen as late as %s", FormatDuration(st.At),
				FormatDuration(v.s.Steps[i-1].At+v.s.Steps[i-1].Within))
		}
		if i > 0 && st.At < v.s.Steps[i-1].At {
			v.bad(path+".at", "%s is before the previous step, at %s; steps must be in order of time", FormatDuration(st.At),
				FormatDuration(v.s.Steps[i-1].At))
		}
		if st.Within < 0 || st.Within > 0 && st.At+st.Within > v.s.Run {
			v.bad(path+".within", "the step may happen as late as %s, after the end of the run at %s",
				FormatDuration(st.At+st.Within), FormatDuration(v.s.Run))
		}
		if end := st.At + st.Within + st.For; st.For < 0 || st.For > 0 && end > v.s.Run {
			v.bad(path+".for", "the fault would end at %s, after the end of the run at %s", FormatDuration(end),
				FormatDuration(v.s.Run))
		}
		if st.Do.Form == nil {
			v.bad(path+".do", "%q is not a statement", st.Do)
			continue
		}
		for _, p := range st.Do.Form.Problems(v.s, st) {
			v.problems = append(v.problems, Problem{path + "." + p.Path, p.Offset, p.Err})
		}
	}
	v.restarts()
}

// restarts checks the settings with which statements start members.
func (v *validator) restarts() {
	if len(v.s.Cluster.problems()) > 0 {
		return // said already
	}
	for _, u := range v.s.SettingsUses() {
		if u.Step == 0 {
			continue
		}
		for _, p := range u.Cluster.problems() {
			v.badAt(u.Path, max(0, strings.Index(u.What, " with ")+1), "%w", p.Err)
		}
	}
}

// alerts checks that the rules' shortest window keeps the four scrapes that it is made for.
func (v *validator) alerts() {
	a := v.s.Alerts
	if a == (AlertSpec{}) {
		for i, e := range v.s.Expect {
			if strings.HasPrefix(e.Measure, "alert") {
				v.bad(fmt.Sprintf("expect[%d]", i), "nothing is scraped, so no alert can fire; set alerts, as in alerts: "+
					"{scrape: 1s, pace: 30}")
			}
		}
		return
	}
	if a.Scrape < 50*time.Millisecond || a.Scrape > ProductionScrape {
		v.bad("alerts.scrape", "%s is not between 50ms and %s", FormatDuration(a.Scrape), FormatDuration(ProductionScrape))
		return
	}
	if most := int(ProductionScrape / a.Scrape); a.Pace < 1 || a.Pace > most {
		v.bad("alerts.pace", "the pace must be from 1 to %d with a scrape every %s, so that the rules' shortest window, "+
			"2m, holds four scrapes", most, FormatDuration(a.Scrape))
	}
}
