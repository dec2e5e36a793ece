package monitoring

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/alert"
	"quorumlab/sim/etcdsim/cluster"
)

// levels are how much members can show.
var levels = []sim.MetricsLevel{sim.MetricsBasic, sim.MetricsExtensive}

// runScrape reads the metrics of three members that show little and of three that show all.
func runScrape(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	env.Say("starting two clusters of three members, with basic and with extensive metrics")
	pages := make([][]*page, len(levels))
	errs := make([]error, len(levels))
	var work sync.WaitGroup
	for i, level := range levels {
		work.Go(func() { pages[i], errs[i] = scrapeCluster(ctx, level) })
	}
	work.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return scrapeOutcome(pages[0], pages[1])
}

// scrapeCluster starts a cluster, gives it something to do, and reads its members' metrics.
func scrapeCluster(ctx context.Context, level sim.MetricsLevel) (pages []*page, err error) {
	o := cluster.Options{Names: []string{"n1", "n2", "n3"}, Processes: sim.ProcessOwn, Metrics: level}
	err = lessons.WithClient(ctx, o, func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		if err := putSome(ctx, cl, 20); err != nil {
			return err
		}
		for _, m := range c.Members() {
			text, err := read(ctx, m)
			if err != nil {
				return err
			}
			p, err := parsePage(text)
			if err != nil {
				return fmt.Errorf("metrics of %s: %w", m.Name, err)
			}
			pages = append(pages, p)
		}
		return nil
	})
	return pages, err
}

// putSome writes some keys, one after the other.
func putSome(ctx context.Context, cl *clientv3.Client, n int) error {
	for i := range n {
		if _, err := cl.Put(ctx, fmt.Sprint("key", i), "value"); err != nil {
			return err
		}
	}
	return nil
}

func scrapeOutcome(basic, extensive []*page) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	b, e := basic[0], extensive[0]
	o.Measure("series", float64(b.series), sim.Count, "series on one member's page, with basic metrics")
	o.Measure("series.extensive", float64(e.series), sim.Count, "the same with extensive metrics")
	o.Measure("page", float64(b.size), sim.Bytes, "size of that page, with basic metrics")
	o.Tell("magnitude", magnitude(b.series), "how many series these are")
	with, leads := 0.0, 0.0
	for _, p := range basic {
		with += p.values["etcd_server_has_leader"]
		leads += p.values["etcd_server_is_leader"]
	}
	o.Count("has_leader", with, "members whose etcd_server_has_leader is 1")
	o.Count("is_leader", leads, "members whose etcd_server_is_leader is 1")
	if err := blindOutcome(o, b, e); err != nil {
		return nil, err
	}
	o.Tables = append(o.Tables, familyTable(b, e))
	return o, o.Draw(familyChart(b, e))
}

// blindOutcome tells which rules ask for what is not on the page: for good, with basic metrics,
// or until there is something to count.
func blindOutcome(o *lessons.Observations, b, e *page) error {
	lacking, err := b.lacks(alert.Rules())
	if err != nil {
		return err
	}
	notYet, err := e.lacks(alert.Rules())
	if err != nil {
		return err
	}
	blind := slices.DeleteFunc(lacking, func(rule string) bool { return slices.Contains(notYet, rule) })
	o.Count("rules", float64(len(alert.Rules())), "alert rules that were loaded")
	o.Count("blind", float64(len(blind)), "rules on a metric that members export only with extensive metrics")
	o.Tell("blind.rules", cmp.Or(strings.Join(blind, ", "), "none"), "which rules these are")
	o.Facts = append(o.Facts, lessons.Fact{Name: "not.yet", Text: cmp.Or(strings.Join(notYet, ", "), "none"),
		About: "rules on a metric that is not there yet, even with extensive metrics: it appears with the first event to " +
			"count"})
	return nil
}

// magnitude is a count in words.
func magnitude(n int) string {
	switch {
	case n < 500:
		return "below 500"
	case n < 5000:
		return "500 to 5000"
	}
	return "above 5000"
}

func familyTable(b, e *page) lessons.Table {
	t := lessons.Table{Name: "families", Title: "What is on a member's page",
		Head: []string{"prefix", "series, basic", "series, extensive", "about"}}
	basic, extensive := b.byFamily(), e.byFamily()
	for i, f := range families {
		t.Rows = append(t.Rows, []string{f.name, fmt.Sprint(basic[i]), fmt.Sprint(extensive[i]), f.about})
	}
	return t
}
