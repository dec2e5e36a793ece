package raftsim

import (
	"time"

	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// lane is the sending end of a connection with a speed: messages wait in it while
// the bytes of those before them go out.
type lane struct {
	waiting []event
	epoch   uint32 // counts changes of the speed; the end of a transmission before is void
}

// laneOf is the connection that a message takes.
func (l *link) laneOf(msg *pb.Message) *lane {
	if msg.GetType() == pb.MsgSnap {
		return &l.snaps
	}
	return &l.stream
}

// speed is a lane's in bytes a second, 0 for one without limit.
func (l *link) speed(n *lane) int64 {
	limit := int64(l.state.Limit)
	if n == &l.snaps && (limit == 0 || limit > snapshotSpeed) {
		return snapshotSpeed
	}
	return limit
}

// enqueue sends a message as soon as those before it are out.
func (r *run) enqueue(l *link, e event) {
	n := l.laneOf(e.msg)
	switch {
	case l.speed(n) == 0:
		r.depart(l, e)
	case len(n.waiting) >= bufferLen:
		r.lost(&e, "queue full")
	default:
		n.waiting = append(n.waiting, e)
		if len(n.waiting) == 1 {
			r.transmit(l, n)
		}
	}
}

// transmit lets the bytes of the first message go out, and then those of the next.
func (r *run) transmit(l *link, n *lane) {
	epoch := n.epoch
	r.after(bytesTime(r.messageSize(n.waiting[0].msg), l.speed(n)), func() {
		if n.epoch != epoch {
			return
		}
		e := n.waiting[0]
		n.waiting = n.waiting[1:]
		r.depart(l, e)
		if len(n.waiting) > 0 {
			r.transmit(l, n)
		}
	})
}

// setLimit changes a link's speed, also for what waits.
func (r *run) setLimit(l *link, limit sim.Size) {
	if limit == l.state.Limit {
		return
	}
	l.state.Limit = limit
	for _, n := range []*lane{&l.stream, &l.snaps} {
		n.epoch++
		if l.speed(n) > 0 {
			if len(n.waiting) > 0 {
				r.transmit(l, n)
			}
			continue
		}
		for _, e := range n.waiting {
			r.depart(l, e)
		}
		n.waiting = nil
	}
}

// dropUnsent loses what a process that ended had not sent yet.
func (m *member) dropUnsent() {
	for to := range m.r.members {
		l := m.r.links[m.r.linkPlace(m.id, sim.MemberID(to+1))]
		if l == nil {
			continue
		}
		for _, n := range []*lane{&l.stream, &l.snaps} {
			n.epoch++
			waiting := n.waiting
			n.waiting = nil
			for i := range waiting {
				m.r.lost(&waiting[i], "down")
			}
		}
	}
}

// bytesTime is how long n bytes take.
func bytesTime(n, perSecond int64) time.Duration {
	return time.Duration(n/perSecond)*time.Second + time.Duration(n%perSecond*int64(time.Second)/perSecond)
}
