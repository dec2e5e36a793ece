package cluster

import (
	"context"
	"fmt"
	"net"
	"time"

	"quorumlab/sim/etcdsim/cluster/apart"
	"quorumlab/sim/etcdsim/cluster/clientport"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// peerPort is where a member meets its peers: a peerlink.PeerPort, or a PeerMemory in virtual time.
type peerPort interface {
	Number() int
	URL() string
	Open()
	Serve(addr string)
	Shut()
}

// clientPort is where a member meets its clients: a clientport.ClientPort, or a ClientMemory in virtual time.
type clientPort interface {
	Number() int
	Addr() string
	Serve(addr string)
	Hold()
	Release()
	Shut()
	Close() error
}

var (
	_ peerPort   = (*peerlink.PeerPort)(nil)
	_ peerPort   = (*peerlink.PeerMemory)(nil)
	_ clientPort = (*clientport.ClientPort)(nil)
	_ clientPort = (*clientport.ClientMemory)(nil)
)

// openPorts gives a member its ports, both shut.
func (c *Real) openPorts(m *Member, as peerlink.Identity) (err error) {
	n := int(m.ID)
	if c.opt.Virtual {
		m.peers = c.net.Memory(n)
		m.clients = clientport.Memory(fmt.Sprintf("member%d.clients:2379", n), n, c.clientDelay(n))
		return nil
	}
	if m.peers, err = c.net.ListenOn(n, as, c.knownMember(n).PeerPort); err != nil {
		return err
	}
	if m.clients, err = c.openClientPort(n); err != nil {
		return fmt.Errorf("client port of %s: %w", m.Name, err)
	}
	return nil
}

// clientDelay draws what bytes between a member and its clients take.
func (c *Real) clientDelay(member int) clientport.WireDelay {
	return func(at time.Time, up bool) time.Duration {
		return c.opt.ClientLink.Draw(apart.Stream(c.opt.Seed, fmt.Sprint("client link ", member, up), at))
	}
}

// inMemory returns the members' ports of a virtual cluster by their addresses.
func (c *Real) inMemory() map[string]*clientport.ClientMemory {
	all := map[string]*clientport.ClientMemory{}
	for _, m := range c.Members() {
		if p, ok := m.clients.(*clientport.ClientMemory); ok {
			all[p.Addr()] = p
		}
	}
	return all
}

// dialMemory connects a client to a member of a virtual cluster.
func (c *Real) dialMemory(ctx context.Context, addr string) (net.Conn, error) {
	p := c.inMemory()[addr]
	if p == nil {
		return nil, &net.AddrError{Err: "no member is there", Addr: addr}
	}
	return p.Dial(ctx)
}
