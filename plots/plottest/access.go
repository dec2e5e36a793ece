package plottest

import (
	"time"

	"quorumlab/sim"
)

func init() { own["access"] = visitors }

// visitors is a run in which each kind of client comes, and one of them again.
func visitors() *sim.Trace {
	p := &player{rng: sim.Stream(1, "visitors")}
	for m := sim.MemberID(1); m <= 3; m++ {
		p.add(0, sim.Event{Kind: sim.KindStarted, Member: m})
		p.state(0, m, sim.Follower, 1, 0)
	}
	p.elect(100*time.Millisecond, 1, 2, []sim.MemberID{1, 2, 3})
	at := time.Second
	comes := func(k sim.ClientKind, stage sim.AccessStage, note string, results ...sim.Outcome) {
		for i, x := range results {
			e := sim.Event{Kind: sim.KindAccess, Member: 1, Client: k.Number(), Op: sim.OpGet + sim.OpKind(i%2),
				Key: []string{"pub/notice", "pub/notice", "private/plan", "private/plan"}[i], Count: uint32(stage), Result: x}
			if x != sim.OutcomeOK {
				e.Note = note
			}
			p.add(at, e)
		}
		at += time.Second
	}
	const ok, no = sim.OutcomeOK, sim.OutcomeFailed
	comes(sim.ClientAlice, sim.StageAuthorization, "etcdserver: permission denied", ok, ok, no, no)
	comes(sim.ClientBob, sim.StageAuthorization, "etcdserver: permission denied", no, no, no, no)
	comes(sim.ClientStranger, sim.StageAuthentication, "etcdserver: permission denied", no)
	comes(sim.ClientPlaintext, sim.StageConnect, "error reading server preface: EOF", no)
	comes(sim.ClientExpired, sim.StageHandshake, "remote error: tls: expired certificate", no)
	comes(sim.ClientWrongName, sim.StageHandshake, "tls: failed to verify certificate: x509: certificate is valid for "+
		"localhost, not etcd.example", no)
	comes(sim.ClientBob, sim.StageAuthentication, "context deadline exceeded", sim.OutcomeUnknown)
	comes(sim.ClientNoCertificate, sim.StageAuthorization, "", ok, ok, ok, ok)
	return p.trace(12*time.Second, 3)
}
