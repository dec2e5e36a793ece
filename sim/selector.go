package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Selector names members, by name or by what they are at the moment when it is
// resolved.
type Selector struct {
	By   By
	Name string // ByName: the member; ByZone: the zone
	N    int    // ByRandom: how many
}

// By is the way in which a selector selects.
type By uint8

// The ways. ByAFollower is the first follower that is up and that the words before
// it on its side do not mean: "a-follower a-follower" are two. ByRest is every
// member that the other sides of the statement do not name; ByRandom draws from the
// members that are up, by the run's seed.
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
)

var byWords = map[string]By{"leader": ByLeader, "followers": ByFollowers, "a-follower": ByAFollower,
	"all": ByAll, "rest": ByRest, "crashed": ByCrashed}

func selectorWords() []string { return slices.Sorted(maps.Keys(byWords)) }

// SelectorWords lists the words that select members by themselves.
func SelectorWords() []string { return selectorWords() }

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
	}
	for w, b := range byWords {
		if b == s.By {
			return w
		}
	}
	return "?"
}

// ParseSelectors reads the selectors that stand in a text, like "leader n2". Its
// errors are SyntaxErrors.
func ParseSelectors(text string) ([]Selector, error) {
	ws := words(text)
	if len(ws) == 0 {
		return nil, at(0, fmt.Errorf("members are missing (%s)", SelectorHelp))
	}
	return parseGroup(ws)
}

// FormatSelectors writes selectors so that ParseSelectors reads the same.
func FormatSelectors(g []Selector) string { return formatGroup(g) }

func formatGroup(g []Selector) string {
	words := make([]string, 0, 8)
	for _, s := range g {
		words = append(words, s.String())
	}
	return strings.Join(words, " ")
}

// parseGroup reads the selectors that stand in the words, which are not empty.
func parseGroup(ws []word) ([]Selector, error) {
	var g []Selector
	for i := 0; i < len(ws); i++ {
		w := ws[i]
		if by, ok := byWords[w.text]; ok {
			g = append(g, Selector{By: by})
			continue
		}
		if w.text != "zone" && w.text != "random" {
			g = append(g, Named(w.text))
			continue
		}
		i++
		if i == len(ws) {
			return nil, at(w.offset, fmt.Errorf("%q needs a word after it (selectors are %s)", w.text, SelectorHelp))
		}
		if w.text == "zone" {
			g = append(g, Selector{By: ByZone, Name: ws[i].text})
			continue
		}
		n, err := strconv.Atoi(ws[i].text)
		if err != nil || n < 1 || n > 1000 {
			return nil, at(ws[i].offset, fmt.Errorf(`%q is not a number of members: write "random 2"`, ws[i].text))
		}
		g = append(g, Selector{By: ByRandom, N: n})
	}
	return g, nil
}

// ErrNoLeader is the error of a statement that names the leader when there is
// none. Engines try such a statement again until there is one.
var ErrNoLeader = errors.New("there is no leader at the moment")

// ErrNobody is the error of a statement whose selector fits no member.
var ErrNobody = errors.New("no member fits")

// memberSet is a set of members, by ID.
type memberSet []bool

func (s memberSet) has(id MemberID) bool { return int(id) < len(s) && s[id] }

func (s *memberSet) add(id MemberID) {
	if more := int(id) + 1 - len(*s); more > 0 {
		*s = append(*s, make(memberSet, more)...)
	}
	(*s)[id] = true
}

// resolve turns one side of a statement into members, in order of their numbers
// and without repeats. taken are the members of the other sides.
func (in *Injector) resolve(g []Selector, taken memberSet) ([]MemberID, error) {
	members := in.cluster.Members()
	picked := make(memberSet, 0, len(members)+1)
	pick := func(fits func(MemberStatus) bool) {
		for _, m := range members {
			if fits(m) {
				picked.add(m.ID)
			}
		}
	}
	leader := in.cluster.Leader()
	for _, s := range g {
		if leader == 0 && (s.By == ByLeader || s.By == ByFollowers || s.By == ByAFollower) {
			return nil, ErrNoLeader
		}
		switch s.By {
		case ByName:
			id, err := in.scenario.MemberID(s.Name)
			if err != nil {
				return nil, err
			}
			picked.add(id)
		case ByLeader:
			picked.add(leader)
		case ByFollowers:
			pick(func(m MemberStatus) bool { return m.ID != leader && m.Up && !m.Learner })
		case ByAFollower:
			for _, m := range members {
				if m.ID != leader && m.Up && !m.Learner && !picked.has(m.ID) {
					picked.add(m.ID)
					break
				}
			}
		case ByAll:
			pick(func(MemberStatus) bool { return true })
		case ByRest:
			pick(func(m MemberStatus) bool { return !taken.has(m.ID) })
		case ByCrashed:
			pick(func(m MemberStatus) bool { return !m.Up })
		case ByZone:
			pick(func(m MemberStatus) bool { return in.scenario.ZoneOf(m.ID) == s.Name })
		case ByRandom:
			in.pickRandom(s.N, members, &picked)
		}
	}
	ids := make([]MemberID, 0, len(members))
	for _, m := range members {
		if picked.has(m.ID) {
			ids = append(ids, m.ID)
			picked[m.ID] = false
		}
	}
	if id := slices.Index(picked, true); id >= 0 {
		return nil, fmt.Errorf("%s is not a member of the cluster at the moment", in.scenario.MemberName(MemberID(id)))
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s: %w", formatGroup(g), ErrNobody)
	}
	return ids, nil
}

func (in *Injector) pickRandom(n int, members []MemberStatus, picked *memberSet) {
	var up []MemberID
	for _, m := range members {
		if m.Up {
			up = append(up, m.ID)
		}
	}
	for ; n > 0 && len(up) > 0; n-- {
		i := int(Below(in.random, int64(len(up))))
		picked.add(up[i])
		up = append(up[:i], up[i+1:]...)
	}
}

// MarshalText writes the text form.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the text form of one selector.
func (s *Selector) UnmarshalText(b []byte) error {
	ws := words(string(b))
	if len(ws) == 0 {
		return fmt.Errorf("a selector is empty (they are %s)", SelectorHelp)
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
