package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	etcdversion "go.etcd.io/etcd/api/v3/version"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
)

// sandbox is a live cluster, what is said to it, and what it says.
type sandbox struct {
	name     string
	scenario *sim.Scenario // of the start
	engine   etcdsim.Engine
	live     *etcdsim.Live
	rec      *sim.Recorder
	safety   *check.Safety
	teller   *teller
	keep     func() error    // writes down what is needed to go on with its data, if they are kept
	left     context.Context // done when it is to end
	leave    context.CancelFunc
}

// maxEvents is how many events are kept with the messages among them: some 200 MB. An
// idle cluster of three has as many in about two hours.
const maxEvents = 1_000_000

// openSandbox starts the cluster. When ctx is done it is to be ended.
func openSandbox(ctx context.Context, name string, s *sim.Scenario, e etcdsim.Engine) (*sandbox, error) {
	b := &sandbox{name: name, scenario: s, engine: e, keep: func() error { return nil }, safety: check.NewSafety(), teller: newTeller(s)}
	b.rec = sim.NewRecorder(sim.AllKinds, b.safety, b.teller)
	b.rec.Limit(maxEvents, sim.HighRate)
	// An interrupt is not the cluster's end but the wish for it: it has last words.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	started := context.AfterFunc(ctx, cancel)
	live, err := e.Open(own, s, b.rec)
	if err != nil {
		cancel()
		return nil, err
	}
	started()
	b.live = live
	b.left, b.leave = context.WithCancel(ctx)
	return b, nil
}

// narrate has tell told what happens until stop, which waits for the last line.
func (b *sandbox) narrate(tell func(at time.Duration, text string)) (stop func()) {
	b.teller.tell, b.teller.name = tell, b.memberName
	b.teller.changed = func() {
		if err := b.keep(); err != nil {
			tell(b.live.Now(), "the folder can't be brought up to date: "+err.Error())
		}
	}
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		b.teller.run(b.live.Now, end)
	}()
	return func() { close(end); <-done }
}

func (b *sandbox) memberName(id sim.MemberID) string {
	if id == 0 {
		return id.String()
	}
	return b.live.Cluster().Member(id).Name
}

// end collects the cluster's last words and judges the run. ctx cuts it short.
func (b *sandbox) end(ctx context.Context) (result, error) {
	if err := errors.Join(b.live.Close(ctx), b.keep()); err != nil {
		return result{}, err
	}
	s := b.live.Scenario()
	s.Engines = []string{"etcd"}
	if sim := (&raftsim.Engine{}); len(sim.Refuse(named(s, "sim"))) == 0 {
		s.Engines = append(s.Engines, sim.Name())
	}
	t := b.rec.Trace(s, etcdsim.Engine{}.Name(), version)
	return result{trace: t, judged: check.Judge(t, check.WithSafety(b.safety)), script: s.Name + ".yaml"}, nil
}

// named is the scenario for one engine.
func named(s *sim.Scenario, engine string) *sim.Scenario {
	one := *s
	one.Engines = []string{engine}
	return &one
}

// welcome says what is up and how it is reached.
func (b *sandbox) welcome() string {
	var urls []string
	metrics := "" // of the last one; empty when they have none of their own
	for _, m := range b.live.Cluster().Members() {
		if _, err := b.scenario.MemberID(m.Name); err == nil {
			urls = append(urls, strings.TrimPrefix(m.ClientURL(), "http://")) // etcdctl's default, and a short line
			metrics, _ = m.MetricsURL()
		}
	}
	do := "quorumlab do "
	if b.name != defaultName {
		do += "--name " + b.name + " "
	}
	return fmt.Sprintf(`%s is up: %d members of etcd %s. For etcdctl:

  export ETCDCTL_ENDPOINTS=%s
%s%s
help shows what can be done here, or elsewhere with %s"crash leader".
`, b.name, len(urls), etcdversion.Version, strings.Join(urls, ","), b.credentials(), ownMetrics(metrics), do)
}

// credentials says what etcdctl needs beside the endpoints: with TLS, a user's files.
func (b *sandbox) credentials() string {
	pair, ok := b.live.Cluster().Credentials("root")
	if !ok {
		return ""
	}
	return fmt.Sprintf("  export ETCDCTL_CACERT=%s\n  export ETCDCTL_CERT=%s\n  export ETCDCTL_KEY=%s\n", pair.CA, pair.Cert, pair.Key)
}

// ownMetrics says where the members' metrics are, by the address of one.
func ownMetrics(url string) string {
	if url == "" {
		return ""
	}
	return "\nEach member serves its own metrics, like " + url + ".\n"
}

// sandboxScenario is the cluster of a sandbox without a scenario. Its clients exist,
// so that load can set them going.
func sandboxScenario(name string, sets []string) (*sim.Scenario, error) {
	const text = `title: A live cluster, and what was done to it
about: |
  The statements that were given to a sandbox, at the times when they were.
engines: [etcd]
cluster: {members: 3}
workload: {clients: 8}
run: 1h
`
	return scenarios.ParseWith(name+".yaml", []byte(text), sets)
}
