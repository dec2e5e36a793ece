package check

import (
	"fmt"
	"strings"

	"quorumlab/sim"
)

// tellAccess tells in each episode how far new clients got, and who presented new
// certificates.
func (r *run) tellAccess(eps []*episode) {
	var visits []*visit
	shown := map[*episode]*rotation{}
	for i := range r.quiet.Events {
		switch e := &r.quiet.Events[i]; e.Kind {
		case sim.KindAccess:
			if n := len(visits); n == 0 || !visits[n-1].goesOn(e) {
				visits = append(visits, &visit{client: e.Client, episode: during(eps, e.Seq)})
			}
			v := visits[len(visits)-1]
			v.requests = append(v.requests, e)
		case sim.KindCertificate:
			ep := during(eps, e.Seq)
			if shown[ep] == nil {
				shown[ep] = &rotation{}
			}
			shown[ep].members = appendMember(shown[ep].members, e.Member)
			shown[ep].events = append(shown[ep].events, e)
		}
	}
	for _, v := range visits {
		last := v.requests[len(v.requests)-1]
		v.episode.change(last.At, v.sentence(), last.Seq)
		v.episode.weight += weightOfTurn
	}
	for _, e := range eps {
		if s := shown[e]; s != nil {
			last := s.events[len(s.events)-1]
			e.change(last.At, names(r.t, s.members)+" presented them to those that connected", last.Seq)
			e.weight += weightOfTurn
		}
	}
}

// visit is what one new client wanted, one request after the other.
type visit struct {
	client   uint32
	episode  *episode
	requests []*sim.Event
}

// goesOn reports whether a request is the next one of the visit: of the same client,
// and not the first one again.
func (v *visit) goesOn(e *sim.Event) bool {
	first := v.requests[0]
	return e.Client == v.client && (e.Op != first.Op || e.Key != first.Key)
}

type rotation struct {
	members []sim.MemberID
	events  []*sim.Event
}

func (v *visit) sentence() string {
	name := string(sim.ClientKindOf(v.client))
	var not []string
	for _, e := range v.requests {
		switch {
		case sim.AccessStage(e.Count) < sim.StageAuthorization && e.Result == sim.OutcomeFailed:
			return fmt.Sprintf("%s was turned away %s (%s)", name, turnedAway(sim.AccessStage(e.Count)), brief(e.Note))
		case e.Result == sim.OutcomeUnknown:
			return fmt.Sprintf("%s got no answer (%s)", name, brief(e.Note))
		case e.Result == sim.OutcomeFailed:
			not = append(not, e.Op.String()+" "+e.Key)
		}
	}
	switch n := len(v.requests); {
	case len(not) == 0:
		return name + " was granted everything that it asked for"
	case len(not) == n:
		return fmt.Sprintf("%s was recognized, but granted none of its %d requests", name, n)
	default:
		return fmt.Sprintf("%s was granted %d of %d requests (not %s)", name, n-len(not), n, strings.Join(not, ", "))
	}
}

func turnedAway(at sim.AccessStage) string {
	switch at {
	case sim.StageConnect:
		return "before TLS"
	case sim.StageHandshake:
		return "in the handshake"
	}
	return "by etcd, which knows no such user"
}
