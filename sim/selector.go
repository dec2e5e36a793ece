package sim

import (
	"fmt"
	"maps"
	"quorumlab/internal/text"
	"slices"
	"strconv"
	"strings"
)

// Selector names members, by name or by what they are at the moment when it is
// resolved.
type Selector struct {
	By   By
	Name string // ByName: the member; ByZone: the zone; ByClient: the client, like "c1"
	N    int    // ByRandom: how many
}

// By is the way in which a selector selects.
type By uint8

// The ways. ByAFollower is the first follower that is up and that the words before
// it on its side do not select already: "a-follower a-follower" are two. ByRest is every
// member that the other sides of the statement do not name; ByRandom draws from the
// members that are up, by the run's seed. ByClient is one client of the workload and ByClients all of them, in the
// statements that can be about clients.
const (
	ByName By = iota
	ByLeader
	ByFollowers
	ByAFollower
	ByAll
	ByRest
	ByCrashed
	ByZone
	ByRandom
	ByClient
	ByClients
)

var byWords = map[string]By{"leader": ByLeader, "followers": ByFollowers, "a-follower": ByAFollower,
	"all": ByAll, "rest": ByRest, "crashed": ByCrashed}

// The words that select clients.
const wordClient, wordClients = "client", "clients"

// SelectorWords lists the words that select members by themselves.
func SelectorWords() []string { return slices.Sorted(maps.Keys(byWords)) }

// SelectorHelp says what a selector can be.
const SelectorHelp = "leader, followers, a-follower, all, rest, crashed, zone NAME, random N, or a member's name"

// Named is the selector of one member by name.
func Named(name string) Selector { return Selector{Name: name} }

// String is the text form.
func (s Selector) String() string {
	switch s.By {
	case ByName:
		return s.Name
	case ByZone:
		return "zone " + s.Name
	case ByRandom:
		return "random " + strconv.Itoa(s.N)
	case ByClient:
		return wordClient + " " + s.Name
	case ByClients:
		return wordClients
	}
	for w, b := range byWords {
		if b == s.By {
			return w
		}
	}
	return "?"
}

// ParseSelectors reads the selectors in a text, like "leader n2". Its
// errors are SyntaxErrors.
func ParseSelectors(s string) ([]Selector, error) {
	ws := text.Words(s)
	if len(ws) == 0 {
		return nil, At(0, fmt.Errorf("members are missing (%s)", SelectorHelp))
	}
	return parseGroup(ws)
}

// FormatSelectors writes selectors so that ParseSelectors reads the same.
func FormatSelectors(g []Selector) string {
	words := make([]string, 0, 8)
	for _, s := range g {
		words = append(words, s.String())
	}
	return strings.Join(words, " ")
}

// parseGroup reads the selectors that stand in the words, which are not empty.
func parseGroup(ws []text.Word) ([]Selector, error) {
	var g []Selector
	for i := 0; i < len(ws); i++ {
		w := ws[i]
		if by, ok := byWords[w.Text]; ok {
			g = append(g, Selector{By: by})
			continue
		}
		if w.Text == wordClients {
			g = append(g, Selector{By: ByClients})
			continue
		}
		if w.Text != "zone" && w.Text != "random" && w.Text != wordClient {
			g = append(g, Named(w.Text))
			continue
		}
		i++
		if i == len(ws) {
			if w.Text == wordClient {
				return nil, At(w.Offset, fmt.Errorf(`which client is missing: write "client c1" or "clients"`))
			}
			return nil, At(w.Offset, fmt.Errorf("%q needs a word after it (selectors are %s)", w.Text, SelectorHelp))
		}
		if w.Text == wordClient {
			if clientNumber(ws[i].Text) == 0 {
				return nil, At(ws[i].Offset, fmt.Errorf("%q is not a client: clients are c1, c2 and so on", ws[i].Text))
			}
			g = append(g, Selector{By: ByClient, Name: ws[i].Text})
			continue
		}
		if w.Text == "zone" {
			g = append(g, Selector{By: ByZone, Name: ws[i].Text})
			continue
		}
		n, err := strconv.Atoi(ws[i].Text)
		if err != nil || n < 1 || n > 1000 {
			return nil, At(ws[i].Offset, fmt.Errorf(`%q is not a number of members: write "random 2"`, ws[i].Text))
		}
		g = append(g, Selector{By: ByRandom, N: n})
	}
	return g, nil
}

// MarshalText writes the text form.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the text form of one selector.
func (s *Selector) UnmarshalText(b []byte) error {
	ws := text.Words(string(b))
	if len(ws) == 0 {
		return fmt.Errorf("a selector is empty (selectors are %s)", SelectorHelp)
	}
	g, err := parseGroup(ws)
	if err == nil && len(g) != 1 {
		err = fmt.Errorf("%q is more than one selector", b)
	}
	if err == nil {
		*s = g[0]
	}
	return err
}
