package script

import (
	"errors"
	"fmt"

	"quorumlab/sim"
)

// ErrNoLeader is the error of a statement that names the leader when there is
// none. Engines try such a statement again until there is one.
var ErrNoLeader = errors.New("there is no leader at the moment")

// ErrNobody is the error of a statement whose selector fits no member.
var ErrNobody = errors.New("no member fits")

// memberSet is a set of members, by ID.
type memberSet []bool

func (s memberSet) has(id sim.MemberID) bool { return int(id) < len(s) && s[id] }

func (s *memberSet) add(id sim.MemberID) {
	if more := int(id) + 1 - len(*s); more > 0 {
		*s = append(*s, make(memberSet, more)...)
	}
	(*s)[id] = true
}

// resolve turns one side of a statement into members, in order of their numbers
// and without repeats. taken are the members of the other sides. Those that are named must belong to the cluster
// now, unless absent.
func (in *Injector) resolve(g []sim.Selector, taken memberSet, absent bool) ([]sim.MemberID, error) {
	members := in.cluster.Members()
	picked := make(memberSet, 0, len(members)+1)
	pick := func(fits func(sim.MemberStatus) bool) {
		for _, m := range members {
			if fits(m) {
				picked.add(m.ID)
			}
		}
	}
	leader := in.cluster.Leader()
	for _, s := range g {
		if leader == 0 && (s.By == sim.ByLeader || s.By == sim.ByFollowers || s.By == sim.ByAFollower) {
			return nil, ErrNoLeader
		}
		switch s.By {
		case sim.ByName:
			id, err := in.scenario.MemberID(s.Name)
			if err != nil {
				return nil, err
			}
			picked.add(id)
		case sim.ByLeader:
			picked.add(leader)
		case sim.ByFollowers:
			pick(func(m sim.MemberStatus) bool { return m.ID != leader && m.Up && !m.Learner })
		case sim.ByAFollower:
			for _, m := range members {
				if m.ID != leader && m.Up && !m.Learner && !picked.has(m.ID) {
					picked.add(m.ID)
					break
				}
			}
		case sim.ByAll:
			pick(func(sim.MemberStatus) bool { return true })
		case sim.ByRest:
			pick(func(m sim.MemberStatus) bool { return !taken.has(m.ID) })
		case sim.ByCrashed:
			pick(func(m sim.MemberStatus) bool { return !m.Up })
		case sim.ByZone:
			pick(func(m sim.MemberStatus) bool { return in.scenario.ZoneOf(m.ID) == s.Name })
		case sim.ByRandom:
			in.pickRandom(s.N, members, &picked)
		}
	}
	ids := make([]sim.MemberID, 0, len(members))
	for _, m := range members {
		if picked.has(m.ID) {
			ids = append(ids, m.ID)
			picked[m.ID] = false
		}
	}
	for id := range picked {
		if !picked[id] {
			continue
		}
		if absent || in.was(sim.MemberID(id)) {
			ids = append(ids, sim.MemberID(id))
			continue
		}
		return nil, fmt.Errorf("%s is not a member of the cluster at the moment", in.scenario.MemberName(sim.MemberID(id)))
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s: %w", sim.FormatSelectors(g), ErrNobody)
	}
	return ids, nil
}

// was reports whether somebody was a member, and can still be crashed, started and cut off.
func (in *Injector) was(id sim.MemberID) bool {
	r, ok := in.cluster.(sim.Rememberer)
	return ok && r.Was(id)
}

func (in *Injector) pickRandom(n int, members []sim.MemberStatus, picked *memberSet) {
	var up []sim.MemberID
	for _, m := range members {
		if m.Up {
			up = append(up, m.ID)
		}
	}
	for ; n > 0 && len(up) > 0; n-- {
		i := int(sim.Below(in.random, int64(len(up))))
		picked.add(up[i])
		up = append(up[:i], up[i+1:]...)
	}
}
