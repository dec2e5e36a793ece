package check

import (
	"fmt"

	"quorumlab/sim"
)

// culprit is the operation that makes a history impossible, and the history up to
// its return.
type culprit struct {
	history *keyHistory
	op      *op
}

// verdict says what is wrong, as far as it can be said in one sentence.
func (c *culprit) verdict(t *sim.Trace) sim.Verdict {
	o := c.op
	found, _ := o.read()
	writer := c.writer(found)
	why := "which no order of the operations explains"
	var other *op
	switch {
	case found != 0 && writer == nil:
		why = "which no client had asked to write"
	default:
		if other = c.replaced(writer); other != nil {
			why = fmt.Sprintf("but %s had replaced that before and was acknowledged at %s", other.sentence(),
				moment(other.ret.At))
		}
	}
	v := broken("linearizable", fmt.Sprintf("%s, asked at %s, %s, %s", o.sentence(), moment(o.call.At), o.result(t), why))
	for _, o := range []*op{writer, other, o} {
		if o == nil {
			continue
		}
		v.Events = append(v.Events, o.call.Seq)
		if o.ret != nil {
			v.Events = append(v.Events, o.ret.Seq)
			v.Members = appendMember(v.Members, o.ret.Member)
		}
	}
	return v
}

// result is what came of an answered operation: "found value 3 at 5.1 s (n1 answered)".
func (o *op) result(t *sim.Trace) string {
	who := ""
	if o.ret.Member != 0 {
		who = " (" + t.Name(o.ret.Member) + " answered)"
	}
	if o.wrote() {
		return "succeeded at " + moment(o.ret.At) + who
	}
	return "found " + holds(o.ret.Value) + " at " + moment(o.ret.At) + who
}

// writer is the operation that wrote the value, or nil.
func (c *culprit) writer(value uint64) *op {
	for _, q := range c.history.ops[1:] {
		if q.writes && q.value == value {
			return q.op
		}
	}
	return nil
}

// replaced is the last acknowledged write that lies wholly between the write that
// the culprit saw (nil: none, the key was absent) and the culprit, or nil.
func (c *culprit) replaced(seen *op) (last *op) {
	if seen != nil && seen.ret == nil {
		return nil
	}
	for _, q := range c.history.ops[1:] {
		if !q.op.wrote() || q.op == c.op || q.op.ret.Seq > c.op.call.Seq {
			continue
		}
		if after := seen == nil || q.op.call.Seq > seen.ret.Seq; after && (last == nil || q.op.ret.Seq > last.ret.Seq) {
			last = q.op
		}
	}
	return last
}
