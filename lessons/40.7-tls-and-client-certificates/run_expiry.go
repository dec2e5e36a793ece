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
func runExpiry(ctx context.Context, env *lessons.Env) (o *lessons.Outcome, err error) {
	env.Say("a member's certificate is good for %v", lifetime)
	o = &lessons.Outcome{}
	spec := mutual
	spec.ServerLifetime = lifetime
	err = lessons.OnCluster(ctx, alone(spec), func(c *cluster.Real) error { return expire(ctx, c, o) })
	return o, err
}

func expire(ctx context.Context, c *cluster.Real, o *lessons.Outcome) error {
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
	knocks.Name = "who connects now"
	knock := func() error {
		_, err := handshake(ctx, m, cfg)
		at, mood := w.since(), chart.Good
		if err != nil {
			mood = chart.Bad
		}
		knocks.Stretches = append(knocks.Stretches, chart.Stretch{From: at, To: at, Mood: mood})
		return err
	}
	o.Tell("new.before", answer(knock()), "who connects while the certificate is good")
	refused := untilRefused(ctx, knock)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	expired := w.since()
	o.Tell("new.expired", answer(refused), "who connects when it has expired")
	o.Tell("new.told", plain(refused), "what that client is told, and by itself: etcd has not looked")
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
	o.Tell("old.goes.on", went, "whether the client that was connected before goes on writing")
	if err := m.RotateCerts(ctx, func(string, int64) {}); err != nil {
		return err
	}
	mended := w.since()
	o.Tell("new.renewed", answer(knock()), "who connects when the certificate has been renewed")
	if err := both(); err != nil {
		return err
	}
	end := w.since()
	_, failed, _ := w.end()
	o.Count("failed", failed, "writes that failed, of the client that was connected all the time")
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
	stood := chart.Lane{Name: "who was connected before", Stretches: []chart.Stretch{{From: 0, To: end, Text: "writes go on", Mood: chart.Good}}}
	certificate := chart.Lane{Name: "the certificate", Stretches: []chart.Stretch{
		{From: 0, To: expired, Text: "good", Mood: chart.Good}, {From: expired, To: mended, Text: "expired", Mood: chart.Bad},
		{From: mended, To: end, Text: "renewed", Mood: chart.Good},
	}}
	return chart.Chart{
		Name: "expiry", Title: "A certificate is looked at in the handshake, and never again",
		Subtitle: "one member whose certificate is good for " + sim.FormatDuration(lifetime),
		About:    "Each stroke in the middle row is a new connection: let in, or turned away. The client in the upper row was connected before.",
		Panels:   []chart.Panel{chart.Lanes{X: chart.Axis{Label: "time (s)"}, Rows: []chart.Lane{stood, knocks, certificate}}},
	}
}
