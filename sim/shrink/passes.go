package shrink

import (
	"slices"
	"time"

	"quorumlab/sim"
)

// pass reduces one thing of a scenario.
type pass struct {
	name string
	run  func(h *shrinker)
}

// passes are in the order in which they save the most work for later ones. Steps come first.
var passes = []pass{
	{"steps", (*shrinker).steps},
	{"expectations", (*shrinker).expectations},
	{"members", (*shrinker).members},
	{"load", (*shrinker).load},
	{"settings", (*shrinker).settings},
	{"statements", (*shrinker).statements},
	{"times", (*shrinker).times},
}

func (h *shrinker) steps() {
	h.remove(func() int { return len(h.best.Steps) },
		func(c *sim.Scenario, from, to int) { c.Steps = slices.Delete(c.Steps, from, to) })
}

func (h *shrinker) expectations() {
	h.remove(func() int { return len(h.best.Expect) },
		func(c *sim.Scenario, from, to int) { // what excuses a statement stays as long as the statement
			cut := slices.DeleteFunc(slices.Clone(c.Expect[from:to]), func(e sim.Expectation) bool { return e.Outcome == "" })
			c.Expect = slices.Replace(c.Expect, from, to, cut...)
		})
}

func (h *shrinker) members() {
	h.remove(func() int { return len(h.best.Cluster.Members) }, func(c *sim.Scenario, from, to int) {
		for _, m := range c.Cluster.Members[from:to] {
			forget(c, m.Name)
		}
		c.Cluster.Members = slices.Delete(c.Cluster.Members, from, to)
	})
}

// forget takes a member's name out of the script. A statement that was about it alone
// becomes invalid, and is left out.
func forget(c *sim.Scenario, name string) {
	is := func(x sim.Selector) bool { return x == sim.Named(name) }
	c.Steps = slices.DeleteFunc(c.Steps, func(st sim.Step) bool {
		alone := false
		for i, g := range st.Do.Groups {
			if slices.ContainsFunc(g, is) {
				st.Do.Groups[i] = slices.DeleteFunc(g, is)
				alone = alone || len(st.Do.Groups[i]) == 0
			}
		}
		return alone
	})
}

func (h *shrinker) load() {
	number := func(least int64, at func(w *sim.Workload) *int) {
		h.lower(least, int64(*at(&h.best.Workload)), func(c *sim.Scenario, v int64) { *at(&c.Workload) = int(v) })
	}
	number(0, func(w *sim.Workload) *int { return &w.Clients })
	number(1, func(w *sim.Workload) *int { return &w.Keys })
	number(1, func(w *sim.Workload) *int { return &w.Rate })
	h.lower(1, int64(h.best.Workload.Value), func(c *sim.Scenario, v int64) { c.Workload.Value = sim.Size(v) })
	for _, m := range []sim.Mix{{Put: 1}, {Put: 1, Get: 1}} {
		if w := h.best.Workload.Mix; w != (sim.Mix{Put: 1}) && h.try(func(c *sim.Scenario) { c.Workload.Mix = m }) {
			break
		}
	}
	h.try(func(c *sim.Scenario) { c.Workload.Via = h.o.Defaults.Workload.Via })
}

// settings replaces the cluster's settings by the defaults.
func (h *shrinker) settings() {
	d := &h.o.Defaults.Cluster
	for _, edit := range []func(c *sim.ClusterSpec){
		func(c *sim.ClusterSpec) { c.Links = nil },
		func(c *sim.ClusterSpec) { c.Network.Loss = d.Network.Loss },
		func(c *sim.ClusterSpec) { c.Network.Latency = d.Network.Latency },
		func(c *sim.ClusterSpec) { c.ClientLink = d.ClientLink },
		func(c *sim.ClusterSpec) { c.Disk = d.Disk },
		func(c *sim.ClusterSpec) { c.Disk.Mode = d.Disk.Mode },
		func(c *sim.ClusterSpec) { c.Store = d.Store },
		func(c *sim.ClusterSpec) { c.PreVote = d.PreVote },
		func(c *sim.ClusterSpec) { c.CheckQuorum = d.CheckQuorum },
		func(c *sim.ClusterSpec) { c.ReconfigRules = d.ReconfigRules },
		func(c *sim.ClusterSpec) {
			for i := range c.Members {
				c.Members[i].Zone = ""
			}
		},
	} {
		h.try(func(c *sim.Scenario) { edit(&c.Cluster) })
	}
}

// statements takes members out of groups.
func (h *shrinker) statements() {
	for i := range h.best.Steps {
		for g := range h.best.Steps[i].Do.Groups {
			h.remove(func() int { return len(h.best.Steps[i].Do.Groups[g]) }, func(c *sim.Scenario, from, to int) {
				group := slices.Delete(c.Steps[i].Do.Groups[g], from, to)
				if len(group) == 0 { // a group can't be empty; Validate does not look for it
					group = h.best.Steps[i].Do.Groups[g]
				}
				c.Steps[i].Do.Groups[g] = group
			})
		}
	}
}

// grains are the units in which times are shortened: whole seconds read best.
var grains = []time.Duration{time.Second, 100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond}

func (h *shrinker) times() {
	for _, grain := range grains {
		h.end(grain)
		for i := range h.best.Steps {
			h.pull(i, grain)
			h.shorten(i, grain)
		}
		h.end(grain)
	}
}

// end shortens the run.
func (h *shrinker) end(grain time.Duration) {
	h.lower(1, int64((h.best.Run+grain-1)/grain), func(c *sim.Scenario, v int64) { c.Run = time.Duration(v) * grain })
}

// pull moves a step, all later ones and the end to an earlier time.
func (h *shrinker) pull(i int, grain time.Duration) {
	before := time.Duration(0)
	if i > 0 {
		before = h.best.Steps[i-1].At
	}
	h.lower(0, int64((h.best.Steps[i].At-before)/grain), func(c *sim.Scenario, v int64) {
		earlier := c.Steps[i].At - before - time.Duration(v)*grain
		for k := i; k < len(c.Steps); k++ {
			c.Steps[k].At -= earlier
		}
		c.Run -= earlier
	})
}

// shorten makes a step's fault end earlier, and its moment a certain one.
func (h *shrinker) shorten(i int, grain time.Duration) {
	h.try(func(c *sim.Scenario) { c.Steps[i].Within = 0 })
	if h.best.Steps[i].For > grain {
		h.lower(1, int64(h.best.Steps[i].For/grain),
			func(c *sim.Scenario, v int64) { c.Steps[i].For = time.Duration(v) * grain })
	}
}
