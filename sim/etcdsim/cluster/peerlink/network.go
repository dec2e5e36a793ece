package peerlink

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Options of a Network. The zero value is a perfect, unobserved network.
type Options struct {
	// Seed starts the random stream of each link.
	Seed uint64
	// Observe is called for each raft message, from several goroutines at once. It must not block.
	Observe func(Fate, Message)
	// Bubble says that the network is in a synctest bubble, where Go's own timers are exact and no socket may
	// be waited for: its ports are in memory (Network.Memory).
	Bubble bool
}

// Network is the links and ports of one cluster. Close it after the members.
type Network struct {
	opt  Options
	born time.Time
	last atomic.Uint64 // message

	mu     sync.RWMutex
	links  map[[2]int]*Link
	ports  map[int]*PeerPort
	memory map[int]*PeerMemory
	byURL  map[string]int // advertised peer URL to member
	names  map[string]int // common name of a certificate to member
}

// New makes a network without members.
func New(o Options) *Network {
	if o.Observe == nil {
		o.Observe = func(Fate, Message) {}
	}
	return &Network{opt: o, born: time.Now(), links: map[[2]int]*Link{}, ports: map[int]*PeerPort{},
		memory: map[int]*PeerMemory{}, byURL: map[string]int{}, names: map[string]int{}}
}

// sent numbers a message and tells the observer.
func (n *Network) sent(m Message) Message {
	m.ID = n.last.Add(1)
	n.opt.Observe(Sent, m)
	return m
}

func (n *Network) delivered(m Message) { n.opt.Observe(Delivered, m) }

func (n *Network) dropped(m Message, why Reason) {
	m.Why = why
	n.opt.Observe(Dropped, m)
}

// Link is the directed link between two members, made at the first call.
func (n *Network) Link(from, to int) *Link {
	key := [2]int{from, to}
	n.mu.RLock()
	l := n.links[key]
	n.mu.RUnlock()
	if l != nil {
		return l
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.links[key] == nil {
		n.links[key] = newLink(n.opt.Seed, n.born, from, to)
		if n.opt.Bubble {
			n.links[key].timer = time.NewTimer
		}
	}
	return n.links[key]
}

// Listen opens the port of a member, shut at first. Errors: no TCP port of the loopback interface can
// be had, or the files of the member's identity can't be read.
func (n *Network) Listen(member int, as Identity) (*PeerPort, error) {
	return n.ListenOn(member, as, 0)
}

// ListenOn is Listen on the port of that number, or on a free one for 0.
func (n *Network) ListenOn(member int, as Identity, number int) (*PeerPort, error) {
	p, err := listen(n, member, as, number)
	if err != nil {
		return nil, fmt.Errorf("peer port of member %d: %w", member, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ports[member] = p
	n.byURL[p.URL()] = member
	if as.secure() {
		n.names[as.Name] = member
	}
	return p, nil
}

// Close ends all ports and waits for their goroutines.
func (n *Network) Close() error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	var errs []error
	for _, p := range n.memory {
		p.Shut()
	}
	for _, p := range n.ports {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// member returns the member that advertises that peer URL; 0: none.
func (n *Network) member(url string) int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.byURL[url]
}

// named returns the member whose certificates have that common name; 0: none.
func (n *Network) named(commonName string) int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.names[commonName]
}

// user returns the member whose requests have that user name; 0: none.
func (n *Network) user(name string) int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for member := range n.ports {
		if name == UserName(member) {
			return member
		}
	}
	return 0
}

func (n *Network) port(member int) *PeerPort {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.ports[member]
}

// speaks reports whether a member is alive. What a dead one still says is not sent.
func (n *Network) speaks(member int) bool {
	p := n.port(member)
	if p == nil {
		return false
	}
	life, _ := p.state()
	return life != nil
}

// leaks reports whether a request by an unknown member to this one could pass a cut link.
func (n *Network) leaks(member int) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for key, l := range n.links {
		if (key[0] == member || key[1] == member) && l.Condition().Cut {
			return true
		}
	}
	return false
}
