package tlsandclientcertificates

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/server/v3/etcdserver"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/certs"
)

// runRotation replaces the certificates of three members under load, and then shows what a
// member makes of a new authority.
func runRotation(ctx context.Context, env *lessons.Env) (o *lessons.Observations, err error) {
	env.Say("three members get new certificates while a client writes")
	o = &lessons.Observations{}
	spec := guarded
	spec.Peers = true
	err = lessons.OnCluster(ctx, cluster.Options{Names: []string{"n1", "n2", "n3"}, TLS: spec},
		func(c *cluster.Real) error {
			if err := rotateUnderLoad(ctx, c, o); err != nil {
				return err
			}
			return trustAnother(ctx, env, c, o)
		})
	return o, err
}

// writesBetween is how many writes there are before, between and after the members' turns.
const writesBetween = 30

// rotateUnderLoad gives each member new certificates.
func rotateUnderLoad(ctx context.Context, c *cluster.Real, o *lessons.Observations) error {
	w, err := startWriting(ctx, c)
	if err != nil {
		return err
	}
	defer w.end()
	cfg, err := filesOf(c, "root")
	if err != nil {
		return err
	}
	servers := serversOf(c)
	before, err := handshake(ctx, c.Member(1), cfg)
	if err != nil {
		return err
	}
	if err := w.more(ctx, writesBetween); err != nil {
		return err
	}
	var moments []chart.Reference
	shown := map[string]float64{}
	for _, m := range c.Members() {
		if err := m.RotateCerts(ctx, func(to string, _ int64) { shown[to]++ }); err != nil {
			return err
		}
		moments = append(moments, chart.Reference{Name: "new certificates on " + m.Name, At: w.since()})
		if err := w.more(ctx, writesBetween); err != nil {
			return err
		}
	}
	after, err := handshake(ctx, c.Member(1), cfg)
	if err != nil {
		return err
	}
	ok, failed, points := w.end()
	o.Count("failed", failed, "failed writes while all certificates were replaced")
	o.Measure("written", ok, sim.Count, "acknowledged writes meanwhile, over connections opened before")
	o.Count("shown.clients", shown["clients"], "members that show their new certificate to new client connections")
	o.Count("shown.peers", shown["peers"], "members that show their new certificate to new peer connections")
	restarted := 0.0
	for i, s := range serversOf(c) {
		if s != servers[i] {
			restarted++
		}
	}
	o.Count("restarted", restarted, "members that were restarted for this")
	newer := "no"
	if after.SerialNumber.Cmp(before.SerialNumber) > 0 {
		newer = "yes"
	}
	o.Tell("newer", newer, "whether a new connection sees a newer certificate")
	return o.Draw(rotationChart(points, failed, moments))
}

// serversOf are the members' servers: each start makes another.
func serversOf(c *cluster.Real) (all []*etcdserver.EtcdServer) {
	for _, m := range c.Members() {
		all = append(all, m.Server())
	}
	return all
}

// writer writes one key after the other on a connection that stands.
type writer struct {
	begun  time.Time
	stop   context.CancelFunc
	over   chan struct{}
	ok     atomic.Int64
	failed atomic.Int64
	points []chart.XY // of the goroutine until over
}

func startWriting(ctx context.Context, c *cluster.Real) (*writer, error) {
	cl, err := c.Client()
	if err != nil {
		return nil, err
	}
	if _, err := cl.Put(ctx, "first", ""); err != nil {
		cl.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	w := &writer{begun: time.Now(), stop: stop, over: make(chan struct{})}
	go func() {
		defer close(w.over)
		defer cl.Close()
		for i := 0; ctx.Err() == nil; i++ {
			began := time.Now()
			_, err := cl.Put(ctx, fmt.Sprint("key", i%16), "value")
			switch {
			case ctx.Err() != nil: // the end, and no failure
			case err != nil:
				w.failed.Add(1)
			default:
				w.ok.Add(1)
				w.points = append(w.points, chart.XY{X: w.since(), Y: sim.MillisOf(time.Since(began))})
			}
		}
	}()
	return w, nil
}

// since is the time in seconds since the writer began.
func (w *writer) since() float64 { return time.Since(w.begun).Seconds() }

// more waits for so many more writes, failed ones too.
func (w *writer) more(ctx context.Context, n int64) error {
	until := w.ok.Load() + w.failed.Load() + n
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for w.ok.Load()+w.failed.Load() < until {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// end stops the writer, if it has not ended, and tells what it did: the time of each write in ms over seconds.
func (w *writer) end() (ok, failed float64, points []chart.XY) {
	w.stop()
	<-w.over
	return float64(w.ok.Load()), float64(w.failed.Load()), w.points
}

// trustAnother has a member believe another authority as well: first the file, then a start.
func trustAnother(ctx context.Context, env *lessons.Env, c *cluster.Real, o *lessons.Observations) error {
	m := c.Member(3)
	files := m.ServerFiles()
	now := time.Now()
	other, err := certs.Open(filepath.Join(env.Dir, "other"), "another authority", now.Add(-time.Hour),
		now.Add(24*time.Hour))
	if err != nil {
		return err
	}
	newcomer, _, err := other.Issue(filepath.Join(env.Dir, "newcomer"), "alice", certs.Profile{
		Name: "alice", Use: certs.ForClient, From: now.Add(-time.Hour), Until: now.Add(24 * time.Hour),
	})
	if err != nil {
		return err
	}
	newcomer.CA = files.CA
	knock := func(fact, about string) {
		o.Tell(fact, answer(comeIn(ctx, m, newcomer)), about)
	}
	knock("stranger.before", "a client with a certificate from another CA, before")
	if err := join(files.CA, files.CA, other.File()); err != nil {
		return err
	}
	knock("stranger.file", "the same client, after that CA has been added to the member's CA file")
	m.Crash()
	if err := m.Start(); err != nil {
		return err
	}
	if err := m.Ready(ctx); err != nil {
		return err
	}
	knock("stranger.restart", "the same client, after that member has been restarted")
	return ctx.Err()
}

// answer is how a member answered who wanted to come in.
func answer(err error) string {
	switch {
	case err == nil:
		return "let in"
	case refusal(err):
		return "refused"
	}
	return plain(err)
}

// join writes the certificates of several files into one.
func join(into string, files ...string) error {
	var all []byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		all = append(all, text...)
	}
	return os.WriteFile(into, all, 0o600)
}

// rotationChart is the time that each write took, around the rotation.
func rotationChart(points []chart.XY, failed float64, moments []chart.Reference) chart.Chart {
	return chart.Chart{
		Name: "rotation", Title: "Certificates replaced without a failed write",
		Subtitle: fmt.Sprintf("one client writes to three members, over connections opened before: %d writes acknowledged, "+
			"%.0f failed", len(points), failed),
		About: "Each mark is a write and its latency. From each vertical line on, a member shows its new certificates to " +
			"new connections.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "time (s)"}, Y: chart.Axis{Label: "write latency (ms)", Log: true},
			Series: []chart.Series{{Name: "write acknowledged", Bare: true, Points: points}}, Moments: moments,
		}},
	}
}
