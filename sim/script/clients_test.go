package script

import (
	"fmt"
	"strings"
	"testing"

	"quorumlab/sim"
)

// Statements about clients say what is wrong with them, and where.
func TestStatementsAboutClients(t *testing.T) {
	for _, tt := range []struct {
		do      string
		clients int
		offset  int
		want    string // empty: it is good
	}{
		{"cut client c1 -> n2", 3, 0, ""},
		{"cut n1 n2 -> clients", 3, 0, ""},
		{"delay client c1 client c3 -> leader 20ms..50ms", 3, 0, ""},
		{"partition client c1 n1 | rest", 3, 0, ""},
		{"isolate clients", 3, 0, ""},
		{"pause client c3", 3, 0, ""},
		{"resume clients n1", 3, 0, ""},
		{"heal client c2", 3, 0, ""},
		{"pause client c4", 3, 13, `unknown client "c4": clients are c1 to c3`},
		{"pause client c2", 1, 13, `unknown client "c2": the only one is c1`},
		{"pause clients", 0, 6, "there is no workload, and so there are no clients"},
		{"crash client c1", 3, 6, `"crash" is for members; what can happen to clients is cut, delay, heal, isolate`},
		{"lose client c1 -> n1 5%", 3, 5, `"lose" is for members`},
		{"cut client c1 -> client c2", 3, 4, "clients do not talk to each other"},
	} {
		s := good(t, tt.do)
		s.Workload = sim.Workload{Clients: tt.clients}
		ps := s.Steps[0].Do.Form.Problems(s, s.Steps[0])
		switch {
		case tt.want == "" && len(ps) == 0:
		case tt.want == "" || len(ps) == 0 || !strings.Contains(ps[0].Err.Error(), tt.want) || ps[0].Offset != tt.offset:
			t.Errorf("%s: %v, want %q at %d", tt.do, ps, tt.want, tt.offset)
		}
	}
	for do, want := range map[string]string{
		"pause client":    `which client is missing: write "client c1" or "clients"`,
		"pause client n1": `"n1" is not a client: clients are c1, c2 and so on`,
		"pause client c0": `"c0" is not a client`,
	} {
		if _, err := Parse(do); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", do, err, want)
		}
	}
}

// clientHost is a cluster that notes what happens to its clients.
type clientHost struct {
	sim.Cluster
	log []string
}

func (c *clientHost) Members() []sim.MemberStatus {
	return []sim.MemberStatus{{ID: 1, Up: true}, {ID: 2, Up: true}, {ID: 3, Up: true}}
}
func (c *clientHost) Leader() sim.MemberID                           { return 1 }
func (c *clientHost) SetLink(from, to sim.MemberID, s sim.LinkState) { c.note(from, to, s.Cut) }

func (c *clientHost) SetClientLink(client int, m sim.MemberID, out bool, s sim.LinkState) {
	c.note(sim.ClientName(client), m, map[bool]string{true: "out", false: "in"}[out], s.Cut, s.Delay)
}

func (c *clientHost) SetClientPaused(client int, paused bool) error {
	c.note(sim.ClientName(client), "paused", paused)
	return nil
}

func (c *clientHost) note(what ...any) {
	c.log = append(c.log, strings.TrimSpace(strings.ReplaceAll(fmt.Sprintln(what...), " 0s", "")))
}

// Faults of clients stack and end as those of members do, and members and clients on one side are hit alike.
func TestFaultsOfClients(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		do         []string // a number ends that fault
	}{
		{"a cut has one direction", "c1 n2 out true", []string{"cut client c1 -> n2"}},
		{"and the other", "c1 n2 in true, c3 n2 in true", []string{"cut n2 -> client c1 client c3"}},
		{"members and clients", "n1 n3 true, c2 n3 out true", []string{"cut n1 client c2 -> n3"}},
		{"two pauses", "c1 paused true, c1 paused true, c1 paused true, c1 paused false",
			[]string{"pause client c1", "pause client c1", "1", "2"}},
		{"resume ends both", "c1 paused true, c1 paused true, c1 paused false, c1 paused false",
			[]string{"pause client c1", "pause client c1", "resume client c1"}},
		{"heal mends the client alone", "c1 n2 out true, c2 n2 out true, c2 n2 out false",
			[]string{"cut client c1 -> n2", "cut client c2 -> n2", "heal client c2"}},
		{"heal of a member", "c1 n2 out true, c1 n3 out true, c1 n3 out false",
			[]string{"cut client c1 -> n2", "cut client c1 -> n3", "heal n3"}},
		{"a cut and a delay", "c1 n2 out true, c1 n2 out true 20ms, c1 n2 out false 20ms",
			[]string{"cut client c1 -> n2", "delay client c1 -> n2 20ms", "1"}},
		{"a side of a partition", "n1 n2 true, n1 n3 true, c1 n2 out true, c1 n3 out true, n2 n1 true, n3 n1 true, " +
			"c1 n2 in true, c1 n3 in true", []string{"partition n1 client c1 | rest"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good(t)
			s.Workload.Clients = 3
			c := &clientHost{}
			in := NewInjector(s, c, func(sim.Event) {})
			for i, do := range tt.do {
				if len(do) == 1 {
					in.End(uint64(do[0] - '0'))
					continue
				}
				st, err := Parse(do)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := in.Fire(i, st); err != nil || in.LastFired().Err != nil {
					t.Fatal(err, in.LastFired().Err)
				}
			}
			if got := strings.Join(c.log, ", "); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}
