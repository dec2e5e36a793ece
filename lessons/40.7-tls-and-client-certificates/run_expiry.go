package tlsandclientcertificates

import (
	"context"
	"time"

	"quorumlab/lessons"
	"quorumlab/plots"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
)

// lifetime is how long the member's certificate is good. Certificates count in whole seconds.
const lifetime = 2 * time.Second

// runExpiry lets a member's certificate expire while a client is connected.
func runExpiry(ctx context.Context, env *lessons.Env) (o *lessons.Outcome, err error) {
	env.Say("a member's certificate is valid for %v", lifetime)
	o = &lessons.Outcome{}
	spec := mutual
	spec.ServerLifetime = lifetime
	err = lessons.OnCluster(ctx, alone(spec), func(c *etcdsim.Cluster) error { return expire(ctx, c, o) })
	return o, err
}

func expire(ctx context.Context, c *etcdsim.Cluster, o *lessons.Outcome) error {
	m := c.Member(1)
	w, err := startWriting(ctx, c)
	if err != nil {
		return err
	}
	defer w.end()
	cfg, err := filesOf(c, "alice")
	if err != nil {
		return err
	}
	var knocks plots.Lane
	knocks.Name = "new connections"
	knock := func() error {
		_, err := handshake(ctx, m, cfg)
		at, mood := w.since(), plots.Good
		if err != nil {
			mood = plots.Bad
		}
		knocks.Stretches = append(knocks.Stretches, plots.Stretch{From: at, To: at, Mood: mood})
		return err
	}
	o.Tell("new.before", answer(knock()), "a new connection while the certificate is valid")
	refused := untilRefused(ctx, knock)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	expired := w.since()
	o.Tell("new.expired", answer(refused), "a new connection after it has expired")
	o.Tell("new.told", plain(refused), "the error that this client gets, from itself: etcd has not checked")
	before := w.ok.Load()
	// Both go on side by side: who was connected writes, and who comes is turned away.
	both := func() error {
		for range 5 {
			if err := w.more(ctx, 20); err != nil {
				return err
			}
			_ = knock() // its stroke in the figure is what is wanted
		}
		return nil
	}
	if err := both(); err != nil {
		return err
	}
	went := "yes"
	if w.ok.Load()-before < 100 || w.failed.Load() > 0 {
		went = "no"
	}
	o.Tell("old.goes.on", went, "whether the client that was already connected keeps writing")
	if err := m.RotateCerts(ctx, func(string, int64) {}); err != nil {
		return err
	}
	mended := w.since()
	o.Tell("new.renewed", answer(knock()), "a new connection after the certificate has been renewed")
	if err := both(); err != nil {
		return err
	}
	end := w.since()
	_, failed, _ := w.end()
	o.Count("failed", failed, "failed writes of the client that stayed connected")
	return o.Draw(expiryChart(knocks, expired, mended, end))
}

// untilRefused knocks until nobody is let in, and returns why. It ends with ctx, too.
func untilRefused(ctx context.Context, knock func() error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := knock(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// expiryChart is who was served when.
func expiryChart(knocks plots.Lane, expired, mended, end float64) plots.Chart {
	stood := plots.Lane{Name: "open connection", Stretches: []plots.Stretch{{From: 0, To: end, Text: "writes continue", Mood: plots.Good}}}
	certificate := plots.Lane{Name: "certificate", Stretches: []plots.Stretch{
		{From: 0, To: expired, Text: "valid", Mood: plots.Good}, {From: expired, To: mended, Text: "expired", Mood: plots.Bad},
		{From: mended, To: end, Text: "renewed", Mood: plots.Good},
	}}
	return plots.Chart{
		Name: "expiry", Title: "A certificate is checked in the handshake, and never again",
		Subtitle: "one member whose certificate is valid for " + sim.FormatDuration(lifetime),
		About:    "Each stroke in the middle row is a new connection: let in, or rejected. The client in the top row was connected before.",
		Panels:   []plots.ChartPanel{plots.Lanes{X: plots.Axis{Label: "time (s)"}, Rows: []plots.Lane{stood, knocks, certificate}}},
	}
}
