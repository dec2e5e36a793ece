package script

import "quorumlab/sim"

// AwaitedStarts returns the places, counted from 1, of the steps that start members without which there may be no
// quorum: the outage then lasts until they have started. Members that a selector leaves open are counted, not named.
func AwaitedStarts(s *sim.Scenario) (places []int) {
	voters := 0
	for _, m := range s.Cluster.Members {
		if m.Role == sim.Follower {
			voters++
		}
	}
	down := 0
	for i, st := range s.Steps {
		switch st.Do.Verb {
		case "crash", "wipe":
			down = min(voters, down+named(s, st.Do.Groups, voters))
		case "restart":
			started := named(s, st.Do.Groups, voters)
			if 2*(voters-max(down, started)) <= voters {
				places = append(places, i+1)
			}
			if started == 0 { // restart crashed
				started = down
			}
			down = max(0, down-started)
		}
	}
	return places
}

// named is how many of the voters a statement's selectors may stand for; those of crashed members are none.
func named(s *sim.Scenario, groups [][]sim.Selector, voters int) (n int) {
	for _, g := range groups {
		for _, x := range g {
			switch x.By {
			case sim.ByAll:
				n += voters
			case sim.ByFollowers:
				n += voters - 1
			case sim.ByRandom:
				n += x.N
			case sim.ByName, sim.ByLeader, sim.ByAFollower:
				n++
			case sim.ByZone:
				for _, m := range s.Cluster.Members {
					if m.Zone == x.Name && m.Role == sim.Follower {
						n++
					}
				}
			}
		}
	}
	return min(n, voters)
}
