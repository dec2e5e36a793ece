package replay

import (
	"time"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/script"
)

// head is what the player knows of a run besides its events. Times are in nanoseconds.
type head struct {
	Name      string        `json:"name"`
	Title     string        `json:"title"`
	About     string        `json:"about"`
	Engine    string        `json:"engine"`
	Seed      uint64        `json:"seed,string"` // beyond what a number of JavaScript holds
	Version   string        `json:"version"`
	Members   []string      `json:"members"`
	Zones     []string      `json:"zones"`
	Election  time.Duration `json:"election"` // the shortest election timeout
	Longest   time.Duration `json:"longest"`  // the longest one
	Heartbeat time.Duration `json:"heartbeat"`
	End       time.Duration `json:"end"`
	Events    int           `json:"events"`
	Without   []string      `json:"without"` // kinds that the trace was kept without
	LeftOut   string        `json:"leftOut"` // what was left out for the sake of the size, in words
	Strings   []string      `json:"strings"` // keys and notes, by number; 0 is the empty one

	Story    []sentence `json:"story"`
	Verdicts []verdict  `json:"verdicts"`
	Lasting  []lasting  `json:"lasting"`
}

// sentence is a sentence of the story and the events that it is about.
type sentence struct {
	At   time.Duration `json:"at"`
	Text string        `json:"text"`
	Seqs []uint64      `json:"seqs"`
}

// verdict is a check's or an expectation's. State is good, bad or open.
type verdict struct {
	Check   string         `json:"check"`
	State   string         `json:"state"`
	Why     string         `json:"why"`
	Seqs    []uint64       `json:"seqs"`
	Members []sim.MemberID `json:"members"`
}

// lasting is a statement that lasts until it is ended, by its number, and the links that it makes worse.
type lasting struct {
	ID    uint64           `json:"id"`
	Verb  string           `json:"verb"`
	Links [][]sim.MemberID `json:"links"` // pairs: from, to
}

// mostSeqs bounds the events that a sentence or a verdict points at.
const mostSeqs = 100

func newHead(t *sim.Trace, r *check.Result) *head {
	s := &t.Scenario
	h := &head{Name: shown(s.Name), Title: shown(s.Title), About: text.Shown(s.About), Engine: shown(t.Engine),
		Seed: t.Seed, Version: shown(t.Version), Heartbeat: s.Cluster.Heartbeat, Election: shortestElection(s),
		Longest: longestElection(s),
		End: max(t.End(), time.Millisecond), Events: t.Len(),
		Members: []string{}, Zones: []string{}, Without: []string{}, Story: []sentence{}, Verdicts: []verdict{},
		Lasting: []lasting{}}
	if h.Title == "" {
		h.Title = h.Name
	}
	zones := map[string]string{}
	for _, m := range s.Cluster.Members {
		zones[m.Name] = m.Zone
	}
	for _, m := range t.Members {
		h.Members, h.Zones = append(h.Members, shown(m)), append(h.Zones, shown(zones[m]))
	}
	for _, k := range t.Without {
		h.Without = append(h.Without, k.String())
	}
	if r != nil {
		for _, x := range check.Story(t, r.Verdicts...) {
			h.Story = append(h.Story, sentence{x.At, shown(x.Text), few(x.Events)})
		}
		for _, v := range r.Verdicts {
			h.Verdicts = append(h.Verdicts, newVerdict(v))
		}
	}
	h.lastingIn(t)
	return h
}

// shortestElection is the least time after which a member may campaign.
func shortestElection(s *sim.Scenario) time.Duration {
	if lo := s.Cluster.Election.Lo; lo > 0 {
		return lo
	}
	return time.Second
}

// longestElection is the longest time that a member draws: the end of the scenario's range, or, as in raft, twice the
// shortest.
func longestElection(s *sim.Scenario) time.Duration {
	if hi := s.Cluster.Election.Hi; hi > shortestElection(s) {
		return hi
	}
	return 2 * shortestElection(s)
}

func newVerdict(v sim.Verdict) verdict {
	x := verdict{Check: shown(v.Check), State: "good", Why: shown(v.Why), Seqs: few(v.Events),
		Members: append([]sim.MemberID{}, v.Members...)}
	switch {
	case v.Unknown:
		x.State = "open"
	case !v.OK:
		x.State = "bad"
	}
	return x
}

func few(seqs []uint64) []uint64 { return append([]uint64{}, seqs[:min(len(seqs), mostSeqs)]...) }

// shown is a text of the trace as one line without what a browser would obey.
func shown(s string) string { return text.ShownLine(s) }

// lastingIn finds the statements that last, and which links they make worse.
func (h *head) lastingIn(t *sim.Trace) {
	ids := map[string]sim.MemberID{}
	for i, m := range t.Members {
		ids[m] = sim.MemberID(i + 1)
	}
	for e := range t.All(sim.Kinds(sim.KindFaultBegun)) {
		st, err := script.Parse(e.Note)
		if err != nil {
			continue // of an older version, or damaged: a mark is all that is known of it
		}
		v := script.VerbNamed(st.Verb)
		if !v.Lasts {
			continue
		}
		l := lasting{ID: e.ID, Verb: v.Name, Links: [][]sim.MemberID{}}
		if v.Family == "network" && len(st.Groups) == 2 && v.Name != "partition" {
			for _, from := range named(st.Groups[0], ids) {
				for _, to := range named(st.Groups[1], ids) {
					if from != to {
						l.Links = append(l.Links, []sim.MemberID{from, to})
					}
				}
			}
		}
		h.Lasting = append(h.Lasting, l)
	}
}

// named are the members that selectors name. Those of a statement that took effect are names.
func named(ss []sim.Selector, ids map[string]sim.MemberID) (ms []sim.MemberID) {
	for _, s := range ss {
		if id := ids[s.String()]; id != 0 {
			ms = append(ms, id)
		}
	}
	return ms
}
