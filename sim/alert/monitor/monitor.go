package monitor

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// Options of a Monitor.
type Options struct {
	// Spec is the scenario's; Scrape and Pace are above 0.
	Spec sim.AlertSpec
	// Targets lists what to scrape. It is asked at the start of each round: a member
	// that has left the cluster is no longer a target, one that is down still is.
	Targets func() []Target
	// Now is the time since the start of the run.
	Now func() time.Duration
	// Record takes what has changed: events of KindAlert and KindMetric, and a KindNote when a
	// rule can't be evaluated. It must set their time. It is called from the goroutine of Run.
	Record func(sim.Event)
	// TLS is what the scraper presents and trusts where a target's URL is https; nil is
	// no certificate of its own, and the system's authorities.
	TLS *tls.Config
	// Fetch reads a target's metrics; nil: over HTTP.
	Fetch Fetch
}

// Monitor scrapes targets and evaluates the alert rules on what it reads. Not safe for
// concurrent use.
type Monitor struct {
	opt     Options
	rules   []*rule
	engine  *promql.Engine
	store   *store
	targets map[sim.MemberID]*target
	client  *http.Client

	shown  map[key]sim.Event // what Record last got
	failed map[string]bool   // rules whose failure was recorded
}

// key is what a row of a figure is about.
type key struct {
	kind   sim.Kind
	name   string
	member sim.MemberID
}

// shown are the metrics whose changes are recorded: whether a member answers, and whether
// it knows a leader, the two that are most often confused.
var shownMetrics = []string{"up", "etcd_server_has_leader"}

// maxSamples is how many samples one evaluation may look at, as a guard: the rules need a
// few ten thousand.
const maxSamples = 5_000_000

// New prepares a monitor. The error is a rule that can't be parsed.
func New(o Options) (*Monitor, error) {
	m := &Monitor{opt: o, targets: map[sim.MemberID]*target{}, shown: map[key]sim.Event{}, failed: map[string]bool{}}
	keep := map[string]time.Duration{}
	for _, m := range shownMetrics {
		keep[m] = 0
	}
	for _, r := range alert.Rules() {
		c, err := compile(r, o.Spec.Pace, keep)
		if err != nil {
			return nil, err
		}
		m.rules = append(m.rules, c)
	}
	m.store = newStore(keep)
	m.engine = newEngine(o.Spec.Pace)
	if m.opt.Fetch == nil {
		m.client = &http.Client{Transport: &http.Transport{TLSClientConfig: o.TLS, DisableCompression: true}}
		m.opt.Fetch = FetchWith(m.client)
	}
	return m, nil
}

// Run does a round every Scrape until ctx is done.
func (m *Monitor) Run(ctx context.Context) {
	if m.client != nil {
		defer m.client.CloseIdleConnections()
	}
	tick := time.NewTicker(m.opt.Spec.Scrape)
	defer tick.Stop()
	for ctx.Err() == nil { // of a tick and the end, both there, select may take the tick
		m.Round(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// Round scrapes every target once, side by side, and evaluates the rules. The samples are of
// the moment at which the round begins. A target that has not answered within a scrape
// interval counts as down, as for Prometheus, but each gets at least a second: runs have short intervals.
func (m *Monitor) Round(ctx context.Context) {
	at := m.opt.Now()
	targets := m.current(at)
	scraped := m.scrape(ctx, targets)
	if ctx.Err() != nil {
		return // whom the end of the run interrupted is not down
	}
	for i, t := range targets {
		m.take(t, at, scraped[i])
	}
	m.evaluate(ctx, at)
	m.store.forget(at)
}

// current returns the targets of a round.
func (m *Monitor) current(at time.Duration) []*target {
	var now []*target
	gone := maps.Clone(m.targets)
	for _, t := range m.opt.Targets() {
		known := m.targets[t.Member]
		if known == nil || known.Target != t {
			known = newTarget(t)
			m.targets[t.Member] = known
		} else {
			delete(gone, t.Member)
		}
		now = append(now, known)
	}
	for _, t := range gone {
		t.leave(m.store, at)
		if m.targets[t.Member] == t {
			delete(m.targets, t.Member)
			m.hide(t.Member)
		}
	}
	return now
}

// scraped is the result of one scrape.
type scraped struct {
	readings []reading
	err      error
}

func (m *Monitor) scrape(ctx context.Context, targets []*target) []scraped {
	ctx, cancel := context.WithTimeout(ctx, max(m.opt.Spec.Scrape, time.Second))
	defer cancel()
	all := make([]scraped, len(targets))
	var work sync.WaitGroup
	for i, t := range targets {
		work.Go(func() {
			body, mediaType, err := m.opt.Fetch(ctx, t.Target)
			if err == nil {
				all[i].readings, err = t.parse(body, mediaType, m.store.keeps)
			}
			all[i].err = err
		})
	}
	work.Wait()
	return all
}

// take takes a target's scrape, and records the metrics that are shown.
func (m *Monitor) take(t *target, at time.Duration, s scraped) {
	up := 1.0
	if s.err != nil {
		up = 0
	}
	t.take(m.store, at, s.readings, up)
	m.metric(t.Member, "up", up, true)
	for _, name := range shownMetrics[1:] {
		i := slices.IndexFunc(s.readings, func(r reading) bool { return r.of.labels.Get(model.MetricNameLabel) == name })
		if i < 0 {
			m.metric(t.Member, name, 0, false)
			continue
		}
		m.metric(t.Member, name, s.readings[i].value, true)
	}
}

// metric records a metric's value when it has changed.
func (m *Monitor) metric(of sim.MemberID, name string, v float64, there bool) {
	e := sim.Event{Kind: sim.KindMetric, Member: of, Key: name, Value: uint64(math.Max(v, 0))}
	if there {
		e.Count = 1
	}
	m.tell(key{sim.KindMetric, name, of}, e)
}

// hide records that the metrics of a member are no longer read.
func (m *Monitor) hide(member sim.MemberID) {
	for _, name := range shownMetrics {
		m.metric(member, name, 0, false)
	}
}

// tell records an event unless it says what was said before; the note does not count.
func (m *Monitor) tell(k key, e sim.Event) {
	old, ok := m.shown[k]
	if ok && old.Count == e.Count && old.Value == e.Value {
		return
	}
	m.shown[k] = e
	m.opt.Record(e)
}

// evaluate evaluates every rule and records the alerts that have changed.
func (m *Monitor) evaluate(ctx context.Context, at time.Duration) {
	for _, r := range m.rules {
		active, err := m.query(ctx, r.expr, at)
		if err != nil {
			if ctx.Err() == nil && !m.failed[r.Name] {
				m.failed[r.Name] = true
				m.opt.Record(sim.Event{Kind: sim.KindNote, Note: fmt.Sprintf("alert rule %s: %v", r.Name, err)})
			}
			continue
		}
		r.step(at, r.hold, active)
		m.report(r)
	}
}

func newEngine(pace int) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: maxSamples, Timeout: time.Minute, LookbackDelta: lookback / time.Duration(pace),
	})
}

// query evaluates an expression at a moment.
func (m *Monitor) query(ctx context.Context, expr string, at time.Duration) (promql.Vector, error) {
	return query(ctx, m.engine, m.store, expr, at)
}

func query(ctx context.Context, e *promql.Engine, s *store, expr string, at time.Duration) (promql.Vector, error) {
	q, err := e.NewInstantQuery(ctx, s, nil, expr, time.UnixMilli(at.Milliseconds()))
	if err != nil {
		return nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, res.Err
	}
	v, err := res.Vector()
	return slices.Clone(v), err // Close takes back what it gave
}

// report records a rule's alerts, one per member: the furthest of its label sets.
func (m *Monitor) report(r *rule) {
	worst := map[sim.MemberID]standing{}
	for _, id := range slices.Sorted(maps.Keys(r.machine)) {
		a := r.machine[id]
		member := m.member(a.sample.Metric.Get("instance"))
		if a.state > worst[member].state {
			worst[member] = a
		}
	}
	for k := range m.shown {
		if _, active := worst[k.member]; k.kind == sim.KindAlert && k.name == r.Name && !active {
			worst[k.member] = standing{}
		}
	}
	for _, member := range slices.Sorted(maps.Keys(worst)) {
		a := worst[member]
		e := sim.Event{Kind: sim.KindAlert, Member: member, Key: r.Name, Count: uint32(a.state)}
		if a.state > sim.AlertInactive {
			e.Note = describe(a.sample)
		}
		m.tell(key{sim.KindAlert, r.Name, member}, e)
	}
}

// member is the member whose instance label this is; 0 for none.
func (m *Monitor) member(instance string) sim.MemberID {
	for id, t := range m.targets {
		if t.Name == instance {
			return id
		}
	}
	return 0
}

// describe is a sample for people: its value, and what labels say besides the member.
func describe(s promql.Sample) string {
	text := fmt.Sprintf("value %.3g", s.F)
	var more []string
	s.Metric.Range(func(l labels.Label) {
		switch l.Name {
		case model.MetricNameLabel, "instance", "job", "grpc_service":
		default:
			more = append(more, l.Name+" "+l.Value)
		}
	})
	if len(more) > 0 {
		text += ", " + strings.Join(more, ", ")
	}
	return text
}
