package main

import (
	"context"
	"fmt"
	"time"

	"quorumlab/plots/page"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// addLibrary runs the scenarios of the library that the sim engine can run, and adds them to the site.
func addLibrary(ctx context.Context, site *page.Site, library []scenarios.Entry, std streams) error {
	e := raftsim.Engine{}
	var all []*sim.Scenario
	for _, entry := range library {
		s, err := entry.Scenario()
		if err != nil {
			return err
		}
		if len(e.Refuse(s)) == 0 {
			all = append(all, s)
		}
	}
	b := newBar(std, "runs of the library", int64(len(all)), len(" 100%  [] (99/99)"))
	defer b.done()
	for i, s := range all {
		j, err := run.Do(ctx, s, e, run.Options{Version: version})
		if err != nil {
			return err
		}
		if _, err := site.Add(j.Trace, j.Result); err != nil {
			return err
		}
		b.to(int64(i+1), func(time.Duration) string { return fmt.Sprintf("%d of %d", i+1, len(all)) })
	}
	return nil
}
