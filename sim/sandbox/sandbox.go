package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// Config describes a sandbox. Its zero value is DefaultScenario's cluster, whose data are
// removed at the end.
type Config struct {
	// Name is the name of the sandbox and its script: lower-case words and numbers separated
	// by dashes, up to 30 characters. Empty: DefaultName.
	Name string
	// Scenario is the cluster at the start, its load, and the steps that run by
	// themselves, at their times. Its expectations are ignored: the script is still to be
	// written. Nil: DefaultScenario, idle.
	Scenario *sim.Scenario
	// Idle has the clients wait for the statement load, and leaves out the scenario's steps.
	Idle bool
	// Data is where the members' data are kept, with what is needed to resume them. The
	// caller owns it and releases it after the end. Nil: the data are removed at the end.
	Data *DataFolder
	// ClientPort is the first member's client port; the others get the next ones. 0: free
	// ones, or those that Data records.
	ClientPort int
	// Version is the program's version, for the trace.
	Version string
	// Page, if not nil, gives the address of a page that shows the sandbox, for the line "page". It may be called by
	// several goroutines.
	Page func() (address string, err error)
}

// Sandbox is a live cluster, with what it is told and what it reports. Its methods are
// safe for concurrent use, except End and Close.
type Sandbox struct {
	config Config
	engine etcdsim.Engine
	live   *etcdsim.Live
	under  *run.Underway
	teller *teller
	feed   *feed
	left   context.Context // done when it is to end
	leave  context.CancelFunc
	hush   func() // ends what is told, after the last line; more than once
}

// maxEvents is how many events are kept with the messages among them: some 200 MB. An
// idle cluster of three has as many in about two hours.
const maxEvents = 1_000_000

// DefaultScenario is the cluster of a sandbox without a scenario: three members, and
// clients that the statement load can start. Settings are like
// "cluster.members=5"; the errors are those of the settings.
func DefaultScenario(name string, settings ...string) (*sim.Scenario, error) {
	const source = `title: A live cluster, and what was done to it
about: |
  The statements that were given to a sandbox, at the times they were given.
engines: [etcd]
cluster: {members: 3}
workload: {clients: 8}
run: 1h
`
	return scenarios.ParseWith(name+".yaml", []byte(source), settings)
}

// Check says what keeps a sandbox from being that, in a run.InputError, without starting
// anything.
func (c Config) Check() error {
	_, _, err := c.prepared()
	return err
}

// prepared fills the gaps and finds the engine.
func (c Config) prepared() (Config, etcdsim.Engine, error) {
	c.Name = cmp.Or(c.Name, DefaultName)
	if err := CheckName(c.Name); err != nil {
		return c, etcdsim.Engine{}, err
	}
	if c.Scenario == nil {
		s, err := DefaultScenario(c.Name)
		if err != nil {
			return c, etcdsim.Engine{}, err
		}
		c.Scenario, c.Idle = s, true
	}
	s := *c.Scenario
	s.Expect = nil
	if c.Idle {
		s.Steps = []sim.Step{{Do: sim.Statement{Verb: "stop-load"}}}
	}
	c.Scenario = &s
	e := etcdsim.Engine{ClientPort: c.ClientPort, Session: 1}
	if d := c.Data; d != nil {
		e.Dir, e.Known, e.Session = d.path, d.is.Members, d.is.Session+1
	}
	if rs := e.Refuse(&s); len(rs) > 0 {
		return c, e, &run.InputError{Err: &sim.RefusedError{Scenario: s.Name, Engine: e.Name(), Refusals: rs}}
	}
	return c, e, nil
}

// Open starts the cluster; End or Close it. It returns when the members' processes run:
// there may be no leader yet, see the line "wait leader". When ctx is done, Left is closed,
// as by Leave: an interrupt only asks for the end. Errors: those of Check, and those of the
// start, after which nothing is left.
//
// The program's main must begin with etcdsim.Main, so that it can start itself as a member
// (cluster.process: own) and as the guard that removes the temporary folder of a program
// that was killed.
func Open(ctx context.Context, c Config) (*Sandbox, error) {
	c, e, err := c.prepared()
	if err != nil {
		return nil, err
	}
	b := &Sandbox{config: c, engine: e, teller: newTeller(c.Scenario), feed: &feed{}}
	b.teller.line = b.feed.line
	b.under = run.Begin(c.Scenario, run.Options{Version: c.Version, Observers: []sim.Observer{b.teller, b.feed}})
	b.under.Recorder.Limit(maxEvents, sim.HighRate)
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	started := context.AfterFunc(ctx, cancel)
	b.live, err = e.Open(own, c.Scenario, b.under.Recorder)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	started()
	b.left, b.leave = context.WithCancel(ctx)
	if c.Data != nil {
		c.Data.is.Session = e.Session
	}
	b.hush = func() {}
	if err := b.keep(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.hush = b.begin()
	return b, nil
}

// begin has the teller tell what happens.
func (b *Sandbox) begin() (hush func()) {
	b.teller.name = b.memberName
	b.teller.changed = func() {
		if err := b.keep(); err != nil {
			b.teller.say(b.live.Now(), "the data folder can't be updated: "+err.Error())
		}
	}
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		b.teller.run(b.live.Now, end)
	}()
	return sync.OnceFunc(func() { close(end); <-done })
}

// keep writes down what is needed to go on with the data, if they are kept.
func (b *Sandbox) keep() error {
	if b.config.Data == nil {
		return nil
	}
	return b.config.Data.save(b.config.Scenario, b.live.Known())
}

// Name is the sandbox's name.
func (b *Sandbox) Name() string { return b.config.Name }

// Narrate calls tell for what has happened so far and what happens from now on, a line
// each, with the time since the start, until the sandbox has ended. The calls come one
// after the other; a slow tell does not keep the cluster waiting. There can be only one listener.
func (b *Sandbox) Narrate(tell func(at time.Duration, line string)) { b.teller.listen(tell) }

// Catch has everything up to now reported before it returns, so that the outcome of a line
// appears before the next one.
func (b *Sandbox) Catch() { b.teller.tellNews() }

// Leave says that the sandbox is to end: waiting lines are cut short, and whoever
// watches Left calls End.
func (b *Sandbox) Leave() { b.leave() }

// Left is closed when the sandbox is to end: by Leave, by the line "quit", or because the
// context of Open is done.
func (b *Sandbox) Left() <-chan struct{} { return b.left.Done() }

func (b *Sandbox) memberName(id sim.MemberID) string {
	if id == 0 {
		return id.String()
	}
	return b.live.Cluster().Member(id).Name
}

// ClientURLs are the client addresses of the initial members, in order.
// They stay the same until the end.
func (b *Sandbox) ClientURLs() (urls []string) {
	for _, m := range b.live.Cluster().Members() {
		if _, err := b.config.Scenario.MemberID(m.Name); err == nil {
			urls = append(urls, m.ClientURL())
		}
	}
	return urls
}

// MetricsURLs are the addresses of the same members' metrics, if each has its own, which
// requires a process per member.
func (b *Sandbox) MetricsURLs() (urls []string) {
	for _, m := range b.live.Cluster().Members() {
		_, unknown := b.config.Scenario.MemberID(m.Name)
		if url, err := m.MetricsURL(); unknown == nil && err == nil {
			urls = append(urls, url)
		}
	}
	return urls
}

// Scenario is the cluster's scenario as it was at the start: a copy.
func (b *Sandbox) Scenario() *sim.Scenario {
	s := *b.config.Scenario
	return &s
}

// Credentials names the files with which a client connects as a user: root, alice or bob.
// False: the cluster's clients use no TLS.
func (b *Sandbox) Credentials(user string) (ca, cert, key string, ok bool) {
	pair, ok := b.live.Cluster().Credentials(user)
	return pair.CA, pair.Cert, pair.Key, ok
}

// LetsOnlyCertificatesIn reports whether members and clients must present certificates of the cluster's own. If not,
// every user of this machine can read and write it.
func (b *Sandbox) LetsOnlyCertificatesIn() bool {
	tls := b.config.Scenario.Cluster.TLS
	return tls.Peers && tls.Clients && tls.ClientCertificates
}

// End ends the load, collects the cluster's final state, stops everything and judges what
// happened. That takes up to some seconds if the cluster does not answer; ctx cuts it
// short, with its error. The trace's scenario is the script: run again, it does the same, on
// the simulator too if that supports it.
func (b *Sandbox) End(ctx context.Context) (*run.Judged, error) {
	b.leave()
	err := b.live.Close(ctx)
	b.hush()
	if err := errors.Join(err, b.keep()); err != nil {
		return nil, err
	}
	s := b.live.Scenario()
	s.Engines = []string{"etcd"}
	if model := (&raftsim.Engine{}); len(model.Refuse(named(s, model.Name()))) == 0 {
		s.Engines = append(s.Engines, model.Name())
	}
	return b.under.End(s, b.engine.Name()), nil
}

// Close stops everything at once, without collecting the final state. After End it does
// nothing, so that it can be deferred.
func (b *Sandbox) Close() error {
	b.leave()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := b.live.Close(ctx)
	b.hush()
	return withoutCanceled(err)
}

// withoutCanceled leaves of several errors those that do not say that it was cut short.
func withoutCanceled(err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var rest []error
		for _, one := range several.Unwrap() {
			rest = append(rest, withoutCanceled(one))
		}
		return errors.Join(rest...)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// named is the scenario for one engine.
func named(s *sim.Scenario, engine string) *sim.Scenario {
	one := *s
	one.Engines = []string{engine}
	return &one
}
