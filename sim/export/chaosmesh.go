package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
)

// ChaosTarget is the real cluster that a scenario's faults hit.
type ChaosTarget struct {
	Namespace string   // of the members' pods and of the workflow
	Pods      []string // the members' pods, in the order of the scenario's members
	Endpoints []string // their client URLs, in the same order
	Container string   // etcd's, in each pod
	Volume    string   // the mount path of a member's data volume
	// Labels select the members' pods; with them, MemberLabel is the label that tells one
	// pod from the other, whose values are Pods. Without, pods are selected by their names.
	Labels      map[string]string
	MemberLabel string
	Image       string // with etcdctl, to ask who leads
	TLSSecret   string // with ca.crt, tls.crt and tls.key for etcdctl; empty: no TLS
}

// ChaosOptions say how a scenario becomes a workflow.
type ChaosOptions struct {
	Target   ChaosTarget
	LeaveOut bool   // statements without a counterpart, instead of refusing them
	Made     string // the command that exports it, for the reader
	Version  string // of the tool
}

// shortest is the shortest fault that Chaos Mesh can inject: its controllers take about a
// second to begin one and to end it.
const shortest = time.Second

// startUp is how long the pods that ask who leads may take to start, all together.
const startUp = time.Minute

// ChaosMesh writes a Chaos Mesh Workflow that does to a real etcd what the scenario's
// script does, at the same times. What it can't do is refused, all of it in one
// [NoCounterpartError], or left out.
func ChaosMesh(s *sim.Scenario, o ChaosOptions) (manifest []byte, leftOut []sim.Refusal, err error) {
	if n := len(s.Cluster.Members); len(o.Target.Pods) != n || len(o.Target.Endpoints) != n {
		return nil, nil, fmt.Errorf("the scenario has %d members, but there are %d pods and %d endpoints for them", n,
			len(o.Target.Pods), len(o.Target.Endpoints))
	}
	x := &exporter{s: s, o: o, random: sim.Stream(s.Seed, "selectors")}
	x.steps()
	if len(x.refused) > 0 && !o.LeaveOut {
		return nil, nil, &NoCounterpartError{s.Name, x.refused}
	}
	if len(x.branches) == 0 {
		return nil, x.refused, fmt.Errorf("%s has no fault that Chaos Mesh can inject", s.Name)
	}
	entry := template{Name: "scenario", Type: "Parallel", Deadline: deadline(s.Run + startUp), Children: x.branches}
	w := workflow{APIVersion: "chaos-mesh.org/v1alpha1", Kind: "Workflow",
		Metadata: meta{Name: objectName(s.Name), Namespace: o.Target.Namespace}}
	w.Spec.Entry, w.Spec.Templates = entry.Name, append([]template{entry}, x.templates...)
	manifest, err = documents(x.comment(), w)
	return manifest, x.refused, err
}

// NoCounterpartError is the error for statements that Chaos Mesh has nothing for.
type NoCounterpartError struct {
	Scenario string
	Refusals []sim.Refusal
}

func (e *NoCounterpartError) Error() string {
	lines := []string{"Chaos Mesh can't do all that " + e.Scenario + " does:"}
	for _, r := range e.Refusals {
		lines = append(lines, fmt.Sprintf("  step %d %q: %s", r.Step, r.What, r.Reason))
	}
	return strings.Join(lines, "\n")
}

// exporter turns the steps of a script into templates.
type exporter struct {
	s       *sim.Scenario
	o       ChaosOptions
	random  drawer
	refused []sim.Refusal

	spans     []span
	templates []template
	branches  []string // the templates that begin with the scenario
	asked     bool     // the leader must be looked up
	told      []told
}

// told is a line of the manifest's comment about a step, and how it differs.
type told struct {
	span
	differs string
}

func (x *exporter) refuse(step int, reason string) {
	x.refused = append(x.refused, sim.Refusal{Step: step + 1, What: x.s.Steps[step].Do.String(), Reason: reason})
}

func (x *exporter) steps() {
	x.spans = x.findSpans()
	slices.SortFunc(x.refused, func(a, b sim.Refusal) int { return a.Step - b.Step })
	for _, sp := range x.spans {
		if len(x.refused) > 0 && !x.o.LeaveOut {
			return
		}
		x.step(sp)
	}
}

// step adds the templates of one step: wait for its time, ask who leads if it matters,
// and break something.
func (x *exporter) step(sp span) {
	name := fmt.Sprintf("step-%d", sp.step+1)
	c := counterparts[sp.do.Verb]
	begin, act := len(x.templates), ""
	if asks(sp.do) {
		act = x.ask(name, sp, c)
	} else {
		for _, sit := range x.situations(sp.do) {
			act = x.add(name, x.objects(sp, c, sit.groups))
		}
	}
	if act == "" {
		x.refuse(sp.step, "it selects no member")
		return
	}
	x.told = append(x.told, told{sp, c.differs(sp.do)})
	if sp.at == 0 {
		x.branches = append(x.branches, act)
		return
	}
	wait := template{Name: name + "-wait", Type: "Suspend", Deadline: deadline(sp.at)}
	then := template{Name: name + "-then", Type: "Serial", Children: []string{wait.Name, act}}
	x.templates = slices.Insert(x.templates, begin, then, wait)
	x.branches = append(x.branches, then.Name)
}

// objects are the chaos objects of a step when its groups mean these members.
func (x *exporter) objects(sp span, c *counterpart, groups [][]int) []template {
	call := &call{do: sp.do, groups: groups, lasts: sp.lasts, members: len(x.s.Cluster.Members), target: &x.o.Target}
	c.objects(call)
	for i := range call.out {
		call.out[i].Deadline = deadline(sp.lasts)
	}
	return call.out
}

// add names the objects and adds them, several of them in a Parallel, and returns the
// name of what begins them.
func (x *exporter) add(name string, objects []template) string {
	if len(objects) == 0 {
		return ""
	}
	if len(objects) == 1 {
		objects[0].Name = name
		x.templates = append(x.templates, objects[0])
		return name
	}
	all := template{Name: name, Type: "Parallel"}
	for i := range objects {
		objects[i].Name = fmt.Sprintf("%s-%d", name, i+1)
		all.Children = append(all.Children, objects[i].Name)
	}
	x.templates = append(append(x.templates, all), objects...)
	return name
}

// comment says what the manifest does, and what it does not.
func (x *exporter) comment() []string {
	s, t := x.s, &x.o.Target
	lines := wrapped("", s.Name+": "+s.Title)
	lines = append(lines, "by quorumlab "+x.o.Version+": "+x.o.Made, "")
	for i, m := range s.Cluster.Members {
		lines = append(lines, fmt.Sprintf("  %s is %s, %s", m.Name, t.Pods[i], t.Endpoints[i]))
	}
	lines = append(lines, "")
	for _, w := range x.told {
		lines = append(lines, fmt.Sprintf("  step %-3d %s", w.step+1, w.String()))
		lines = append(lines, wrapped("           ", w.differs)...)
	}
	for _, r := range x.refused {
		lines = append(lines, fmt.Sprintf("  step %-3d LEFT OUT: %s", r.Step, r.What))
		lines = append(lines, wrapped("           ", r.Reason)...)
	}
	lines = append(lines, "")
	lines = append(lines, wrapped("", "kubectl apply starts it at once. Chaos Mesh takes about a second to start a "+
		"fault and to end it. To start it again, delete the workflow first.")...)
	if x.asked {
		lines = append(lines, wrapped("", "The leader is looked up when a step is due: a pod runs etcdctl, which takes as "+
			"long as a pod takes to start. While there is no leader it asks again every second. A follower is the first one "+
			"in the list, even if it is down.")...)
	}
	lines = append(lines, wrapped("", "Not included: the cluster's settings, the load and the expectations. Put a load "+
		"on the cluster, and watch it.")...)
	return lines
}

// wrapped breaks a text to lines of 76 characters.
func wrapped(indent, text string) (lines []string) {
	line := ""
	for _, w := range strings.Fields(text) {
		if line != "" && len(indent)+len(line)+1+len(w) > 76 {
			lines, line = append(lines, indent+line), ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	if line != "" {
		lines = append(lines, indent+line)
	}
	return lines
}
