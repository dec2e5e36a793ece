package raftsim

import (
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim"
)

// onItsWay returns the places in the queue of a message with this number, the next to arrive first. It has none before
// it has left its sender, and after it has arrived.
func (q *queue) onItsWay(id uint64) (places []key) {
	for _, k := range q.keys {
		if e := q.slab[k.slot()]; e.kind != doDeliver || e.id != id {
			continue
		}
		places = append(places, k)
		if last := len(places) - 1; k.before(places[0]) {
			places[0], places[last] = places[last], places[0]
		}
	}
	return places
}

func (k key) slot() uint32 { return uint32(k.order & (1<<slotBits - 1)) }

// take takes an event out of the queue. Its place stays, and nothing happens there.
func (q *queue) take(place key) event {
	e := q.slab[place.slot()]
	q.slab[place.slot()] = event{kind: doCall, call: func() {}}
	return e
}

// underWay is the next copy of a message to arrive.
func (r *run) underWay(id uint64) (place key, err error) {
	places := r.queue.onItsWay(id)
	if len(places) == 0 {
		return place, refused("message %d is not on its way at this moment", id)
	}
	return places[0], nil
}

// DropMessage loses a message, with all its copies.
func (c cluster) DropMessage(id uint64) error {
	_, err := c.r.underWay(id)
	for _, place := range c.r.queue.onItsWay(id) {
		e := c.r.queue.take(place)
		c.r.lost(&e, "loss")
	}
	return err
}

// DelayMessage lets a message arrive later.
func (c cluster) DelayMessage(id uint64, by sim.Distribution) error {
	place, err := c.r.underWay(id)
	if err == nil {
		e := c.r.queue.take(place)
		l := c.r.link(sim.MemberID(e.msg.GetFrom()), e.to)
		c.r.queue.push(place.at+by.Draw(l.random), e)
	}
	return err
}

// DuplicateMessage lets a message arrive twice: the copy right after it.
func (c cluster) DuplicateMessage(id uint64) error {
	place, err := c.r.underWay(id)
	if err != nil {
		return err
	}
	e := c.r.queue.slab[place.slot()]
	switch e.msg.GetType() {
	case pb.MsgProp:
		return refused("message %d is a client's proposal, which would be made twice", id)
	case pb.MsgSnap:
		return refused("message %d is a snapshot, which has a connection of its own", id)
	}
	e.msg = proto.Clone(e.msg).(*pb.Message)
	c.r.queue.push(place.at, e)
	return nil
}

// DeliverMessage lets a message arrive at once.
func (c cluster) DeliverMessage(id uint64) error {
	place, err := c.r.underWay(id)
	if err == nil {
		c.r.queue.push(c.r.now, c.r.queue.take(place))
	}
	return err
}
