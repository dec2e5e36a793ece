package sim

import (
	"fmt"
	"slices"
	"time"
)

// ClientPlace is where a client stands and how it is set, where that differs from the other clients.
type ClientPlace struct {
	// Which client: c1, c2 and so on.
	Client string `yaml:"client"`
	// The client's endpoints: all, or members by name, which it asks in turn. Default: those of the workload.
	Via Endpoints `yaml:"via,omitempty" json:",omitempty"`
	// How long it waits for an answer. Default: as the workload says.
	Timeout time.Duration `yaml:"timeout,omitempty" json:",omitzero"`
	// After how long without a word from a member it asks whether the connection stands; if the answer takes longer than
	// keep-alive-timeout, it uses other members. At least 10s, as in gRPC. Default: 0s, it never asks, as etcd's clients.
	KeepAlive time.Duration `yaml:"keep-alive,omitempty" json:",omitzero"`
	// How long it waits for that answer. Default: 20s, as in gRPC.
	KeepAliveTimeout time.Duration `yaml:"keep-alive-timeout,omitempty" json:",omitzero"`
	// What its requests and their answers take longer on their way than others', each. Default: 0s.
	Farther Distribution `yaml:"farther,omitempty" json:",omitzero"`
}

// Endpoints are the members that a client knows, like "n1 n2".
type Endpoints []Selector

// MarshalText writes the text form.
func (e Endpoints) MarshalText() ([]byte, error) { return []byte(FormatSelectors(e)), nil }

// UnmarshalText reads the text form.
func (e *Endpoints) UnmarshalText(b []byte) (err error) {
	*e, err = ParseSelectors(string(b))
	return err
}

// Limits and defaults of gRPC's keep-alive (keepalive.ClientParameters).
const (
	leastKeepAlive          = 10 * time.Second
	defaultKeepAliveTimeout = 20 * time.Second
)

// Answers is how long the client waits for an answer about a connection.
func (p *ClientPlace) Answers() time.Duration {
	if p.KeepAliveTimeout > 0 {
		return p.KeepAliveTimeout
	}
	return defaultKeepAliveTimeout
}

// Place is that of a client, counted from 1, with the workload's endpoints and time-out where it has none of its own.
func (w *Workload) Place(client int) ClientPlace {
	p := ClientPlace{Client: ClientName(client)}
	if i := slices.IndexFunc(w.Places, func(p ClientPlace) bool { return clientNumber(p.Client) == client }); i >= 0 {
		p = w.Places[i]
	}
	if len(p.Via) == 0 {
		p.Via = w.Via
	}
	if p.Timeout == 0 {
		p.Timeout = w.Timeout
	}
	return p
}

// Placed lists the clients, counted from 1 and in order, of whose place the scenario speaks: in workload.places, or in
// a statement.
func (s *Scenario) Placed() (clients []int) {
	add := func(x Selector) {
		if x.By == ByClient || x.By == ByClients {
			if of, err := s.Clients([]Selector{x}); err == nil {
				clients = append(clients, of...)
			}
		}
	}
	for _, p := range s.Workload.Places {
		add(Selector{By: ByClient, Name: p.Client})
	}
	for i := range s.Steps {
		for _, g := range s.Steps[i].Do.Groups {
			for _, x := range g {
				add(x)
			}
		}
	}
	slices.Sort(clients)
	return slices.Compact(clients)
}

// clientNumber is the number behind a client's name, or 0.
func clientNumber(name string) int {
	n, _ := ParseClient(name) // 0 says it
	return n
}

// Clients turns the selectors of a group that mean clients into their numbers, in order and without repeats. The error
// names a client that the workload does not have.
func (s *Scenario) Clients(g []Selector) (clients []int, err error) {
	for _, x := range g {
		switch x.By {
		case ByClients:
			for i := range s.Workload.Clients {
				clients = append(clients, i+1)
			}
		case ByClient:
			n := clientNumber(x.Name)
			if n == 0 || n > s.Workload.Clients {
				return nil, s.noClient(x.Name)
			}
			clients = append(clients, n)
		}
	}
	slices.Sort(clients)
	return slices.Compact(clients), nil
}

func (s *Scenario) noClient(name string) error {
	switch n := s.Workload.Clients; n {
	case 0:
		return fmt.Errorf("there is no client %q: the scenario has no workload", name)
	case 1:
		return fmt.Errorf("unknown client %q: the only one is c1", name)
	default:
		return fmt.Errorf("unknown client %q: clients are c1 to %s", name, ClientName(n))
	}
}

// places checks the clients with a place of their own.
func (v *validator) places() {
	for i, p := range v.s.Workload.Places {
		path := fmt.Sprintf("workload.places[%d]", i)
		if n := clientNumber(p.Client); n == 0 || n > v.s.Workload.Clients {
			v.bad(path+".client", "%w", v.s.noClient(p.Client))
		}
		for _, o := range v.s.Workload.Places[:i] {
			if o.Client == p.Client {
				v.bad(path+".client", "%s has two places", p.Client)
			}
		}
		for j, x := range p.Via {
			place := placeIn(p.Via, j)
			switch x.By {
			case ByName:
				v.member(path+".via", place, x.Name)
			case ByAll:
			default:
				v.badAt(path+".via", place, "%q is no endpoint of a client; use all or members by name", x)
			}
		}
		switch {
		case p.Timeout < 0:
			v.bad(path+".timeout", "the timeout must be above 0")
		case p.KeepAlive > 0 && p.KeepAlive < leastKeepAlive:
			v.bad(path+".keep-alive", "%s is less than %s, the least that gRPC takes", FormatDuration(p.KeepAlive),
				FormatDuration(leastKeepAlive))
		case p.KeepAlive == 0 && p.KeepAliveTimeout != 0:
			v.bad(path+".keep-alive-timeout", "nothing asks whether the connection stands; set keep-alive")
		}
	}
	placed := v.s.Placed()
	if len(placed) > maxPlaced {
		v.bad("workload.clients", "%d clients have a place of their own, by statements or by workload.places; the most is %d",
			len(placed), maxPlaced)
	}
	for _, c := range placed {
		for _, x := range v.s.Workload.Place(c).Via {
			if x.By == ByLeader || x.By == ByFollowers {
				v.bad("workload.via", "%s has a place and so a list of endpoints: use all or members by name, or give it "+
					"workload.places[].via", ClientName(c))
				return
			}
		}
	}
}

// maxPlaced is how many clients can have a place of their own, with connections that nobody else uses.
const maxPlaced = 100

// ClientChange says what a KindClient is about.
type ClientChange uint32

// What happens to a client. Asks is its balancer's choice.
const (
	ClientPaused ClientChange = iota + 1
	ClientResumed
	ClientCut    // what it sends to the member no longer arrives
	ClientMended // and does again
	ClientDeaf   // what the member sends to it no longer arrives
	ClientHears  // and does again
	ClientAsks
)

// ClientText says in words what a KindClient is about; member is the name of its Member.
func ClientText(e *Event, member string) string {
	name := wordClient + " " + ClientName(int(e.Client))
	switch ClientChange(e.Count) {
	case ClientPaused:
		return name + " is paused"
	case ClientResumed:
		return name + " resumes"
	case ClientCut:
		return name + " no longer reaches " + member
	case ClientMended:
		return name + " reaches " + member + " again"
	case ClientDeaf:
		return name + " no longer hears " + member
	case ClientHears:
		return name + " hears " + member + " again"
	}
	return fmt.Sprintf("the balancer of %s gives operation %d to %s", name, e.ID, member)
}
