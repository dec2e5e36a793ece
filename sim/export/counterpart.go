package export

import (
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// counterpart is what Chaos Mesh has for a statement. A statement without one has nothing
// like it there.
type counterpart struct {
	acts    field // on which its effect lasts, if it does
	objects func(c *call)
	// refuse says why a statement of this kind can't be exported, or nothing; nil: all can.
	refuse func(do sim.Statement) string
	// differs says what is different there, or is empty.
	differs func(do sim.Statement) string
}

// field is what a fault is about. One statement ends all faults of a field.
type field uint8

const (
	atOnce field = iota // nothing lasts
	links
	disks
	processes
	clocks
)

var counterparts = map[string]*counterpart{}

func register(verb string, c counterpart) {
	if c.differs == nil {
		c.differs = func(sim.Statement) string { return "" }
	}
	counterparts[verb] = &c
}

// always is a differs that says the same of all statements of its kind.
func always(text string) func(sim.Statement) string {
	return func(sim.Statement) string { return text }
}

// ends are the statements that end faults of a field, and have no other object.
var ends = map[string]field{"heal": links, "heal-disk": disks, "restart": processes}

// reasons say why statements have no counterpart, where there is more to say.
var reasons = map[string]string{
	"pause":         "Chaos Mesh can't pause a pod's process",
	"resume":        "Chaos Mesh can't pause a pod's process, so there is nothing to resume",
	"lose-unsynced": "Chaos Mesh can't undo what a disk has stored",
	"wipe":          "Chaos Mesh deletes no data; delete the member's volume claim",
}

// whyNot says why a verb has no counterpart.
func whyNot(v *script.Verb) string {
	if why, ok := reasons[v.Name]; ok {
		return why
	}
	if v.Lasts {
		return "Chaos Mesh has nothing like it"
	}
	return "Chaos Mesh breaks things and does not operate etcd; do it with etcdctl"
}

// call is one statement on its way to objects, with members in place of its words.
type call struct {
	do      sim.Statement
	groups  [][]int // places in the scenario's list of members
	lasts   time.Duration
	members int
	target  *ChaosTarget
	out     []template
}

// others are all members but these.
func (c *call) others(ms []int) (out []int) {
	for i := range c.members {
		if !slices.Contains(ms, i) {
			out = append(out, i)
		}
	}
	return out
}

// pods selects members' pods.
func (c *call) pods(ms []int) pods {
	names := make([]string, len(ms))
	for i, m := range ms {
		names[i] = c.target.Pods[m]
	}
	p := pods{Mode: "all"}
	if c.target.MemberLabel == "" {
		p.Selector.Pods = map[string][]string{c.target.Namespace: names}
		return p
	}
	p.Selector = selector{Namespaces: []string{c.target.Namespace}, Labels: c.target.Labels,
		Expressions: []labelIn{{c.target.MemberLabel, "In", names}}}
	return p
}

// etcd selects the container with etcd in members' pods.
func (c *call) etcd(ms []int) pods {
	p := c.pods(ms)
	p.Containers = []string{c.target.Container}
	return p
}
