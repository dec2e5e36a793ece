package tlsandclientcertificates

import (
	"context"
	"time"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// lifetime is how long the member's certificate is good. Certificates count in whole seconds.
const lifetime = 2 * time.Second

// runExpiry lets a member's certificate expire while a client is connected.
func runExpiry(ctx context.Context, env *lessons.Env) (o *lessons.Observations, err error) {
	env.Say("a member's certificate is valid for %v", lifetime)
	o = &lessons.Observations{}
	spec := mutual
	spec.ServerLifetime = lifetime
	err = lessons.OnCluster(ctx, alone(spec), func(c *cluster.Real) error { return expire(ctx, c, o) })
	return o, err
}

func expire(ctx context.Context, c *cluster.Real, o *lessons.Observations) error {
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
	var knocks chart.Lane
	knocks.Name = "new connections"
	knock := func() error {
		_, err := handshake(ctx, m, cfg)
		at, mood := w.since(), chart.Good
		if err != nil {
			mood = chart.Bad
		}
		knocks.Stretches = append(knocks.Stretches, chart.Stretch{From: at, To: at, Mood: mood})
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
func expiryChart(knocks chart.Lane, expired, mended, end float64) chart.Chart {
	stood := chart.Lane{Name: "open connection", Stretches: []chart.Stretch{{From: 0, To: end, Text: "writes continue",
		Mood: chart.Good}}}
	certificate := chart.Lane{Name: "certificate", Stretches: []chart.Stretch{
		{From: 0, To: expired, Text: "valid", Mood: chart.Good}, {From: expired, To: mended, Text: "expired",
			Mood: chart.Bad},
		{From: mended, To: end, Text: "renewed", Mood: chart.Good},
	}}
	return chart.Chart{
		Name: "expiry", Title: "A certificate is checked in the handshake, and never again",
		Subtitle: "one member whose certificate is valid for " + sim.FormatDuration(lifetime),
		About: "Each stroke in the middle row is a new connection: let in, or rejected. The client in the top row was " +
			"connected before.",
		Panels: []chart.Panel{chart.Lanes{X: chart.Axis{Label: "time (s)"}, Rows: []chart.Lane{stood, knocks, certificate}}},
	}
}
