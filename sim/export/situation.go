package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"quorumlab/sim"
)

// situation is who leads when a step comes. It fixes whom the step's words mean.
type situation struct {
	leader int // place of the member; -1: it does not matter
	groups [][]int
}

// asks reports whether the members a statement means are only known when it fires.
func asks(do sim.Statement) bool {
	return slices.ContainsFunc(slices.Concat(do.Groups...), func(s sim.Selector) bool {
		return s.By == sim.ByLeader || s.By == sim.ByFollowers || s.By == sim.ByAFollower
	})
}

// static are the members that a statement means whoever leads.
func (x *exporter) static(do sim.Statement) [][]int { return x.resolve(do, -1) }

// situations lists those in which a statement does something.
func (x *exporter) situations(do sim.Statement) (list []situation) {
	if !asks(do) {
		return x.keep(list, do, situation{-1, x.static(do)})
	}
	for l := range x.s.Cluster.Members {
		if x.voter(l) {
			list = x.keep(list, do, situation{l, x.resolve(do, l)})
		}
	}
	return list
}

// keep adds a situation unless nobody fits a group or somebody is on two sides.
func (x *exporter) keep(list []situation, do sim.Statement, sit situation) []situation {
	seen := map[int]bool{}
	for _, g := range sit.groups {
		if len(g) == 0 {
			return list
		}
		for _, m := range g {
			if seen[m] && do.Verb == "partition" {
				return list
			}
			seen[m] = true
		}
	}
	return append(list, sit)
}

func (x *exporter) voter(m int) bool { return x.s.Cluster.Members[m].Role != sim.Learner }

// resolve turns a statement's words into members.
func (x *exporter) resolve(do sim.Statement, leader int) [][]int {
	groups := make([][]int, len(do.Groups))
	var taken []int
	for _, wantRest := range []bool{false, true} {
		before := slices.Clone(taken)
		for i, g := range do.Groups {
			rest := slices.ContainsFunc(g, func(s sim.Selector) bool { return s.By == sim.ByRest })
			if rest == wantRest {
				groups[i] = x.group(g, leader, before)
				taken = append(taken, groups[i]...)
			}
		}
	}
	return groups
}

// group is whom the words of one group mean; taken are the members of the others.
func (x *exporter) group(g []sim.Selector, leader int, taken []int) []int {
	picked := map[int]bool{}
	for _, sel := range g {
		for m, spec := range x.s.Cluster.Members {
			follows := m != leader && x.voter(m)
			if sel.By == sim.ByAFollower && follows && !picked[m] {
				picked[m] = true
				break
			}
			if sel.By == sim.ByName && sel.Name == spec.Name || sel.By == sim.ByZone && sel.Name == spec.Zone ||
				sel.By == sim.ByLeader && m == leader || sel.By == sim.ByFollowers && follows ||
				sel.By == sim.ByRest && !slices.Contains(taken, m) || sel.By == sim.ByAll {
				picked[m] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(picked))
}

// ask adds a task that asks who leads and goes on with what the step means then.
func (x *exporter) ask(name string, sp span, c *counterpart) string {
	t := template{Name: name + "-ask", Type: "Task", Task: x.etcdctl()}
	begin := len(x.templates)
	for _, sit := range x.situations(sp.do) {
		target := fmt.Sprintf("%s-leader-%d", name, sit.leader+1)
		if act := x.add(target, x.objects(sp, c, sit.groups)); act != "" {
			t.Branches = append(t.Branches, branch{act, x.expression(sit)})
		}
	}
	if len(t.Branches) == 0 {
		return ""
	}
	x.asked = true
	again := template{Name: name + "-again", Type: "Serial", Children: []string{name + "-second", t.Name}}
	second := template{Name: name + "-second", Type: "Suspend", Deadline: "1s"}
	t.Branches = append(t.Branches, branch{again.Name, x.nobodyLeads()})
	x.templates = slices.Insert(x.templates, begin, t, again, second)
	return t.Name
}

// etcdctl asks all members for their status, in a pod of its own.
func (x *exporter) etcdctl() *task {
	t := x.o.Target
	command := []string{"etcdctl", "--endpoints=" + strings.Join(t.Endpoints, ","), "--dial-timeout=1s",
		"--command-timeout=2s"}
	out := &task{Container: container{Name: "etcdctl", Image: t.Image,
		Resources: &resources{Limits: quantities{CPU: "200m", Memory: "128Mi"}}}}
	if t.TLSSecret != "" {
		command = append(command, "--cacert=/tls/ca.crt", "--cert=/tls/tls.crt", "--key=/tls/tls.key")
		out.Container.VolumeMounts = []volumeMount{{"tls", "/tls", true}}
		out.Volumes = []volume{{Name: "tls", Secret: &secretVolume{t.TLSSecret}}}
	}
	out.Container.Command = append(command, "endpoint", "status")
	return out
}

// leads is true if a member says that it does. Its line of etcdctl endpoint status begins
// with the endpoint, and has whether it leads, whether it is a learner, and its term and
// index.
func (x *exporter) leads(m int) string {
	return `stdout matches "` + literal(x.o.Target.Endpoints[m]) + `, .*, true, false, [0-9]+, [0-9]+,"`
}

// literal is a URL in a regular expression.
func literal(url string) string {
	return strings.NewReplacer(".", "[.]", "[", "[[]", "]", "[]]").Replace(url)
}

// expression is true in just one situation: of two who say that they lead, the first
// counts.
func (x *exporter) expression(sit situation) string {
	terms := []string{x.leads(sit.leader)}
	for m := range sit.leader {
		if x.voter(m) {
			terms = append(terms, "not ("+x.leads(m)+")")
		}
	}
	return strings.Join(terms, " and ")
}

func (x *exporter) nobodyLeads() string {
	var terms []string
	for m := range x.s.Cluster.Members {
		if x.voter(m) {
			terms = append(terms, "not ("+x.leads(m)+")")
		}
	}
	return strings.Join(terms, " and ")
}
