package check

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// visitors is a run in which four clients come, and the members get new certificates.
func visitors() *tape {
	p := newTape(3)
	request := func(k sim.ClientKind, o sim.OpKind, key string, at sim.AccessStage, x sim.Outcome, note string) {
		p.add(sim.Event{Kind: sim.KindAccess, Member: 1, Client: k.Number(), Op: o, Key: key, Count: uint32(at), Result: x,
			Note: note})
	}
	const denied = "etcdserver: permission denied"
	p.at(100).elect(1, 2, 2, 3)
	p.at(1000).begin("connect alice")
	p.at(1020)
	request(sim.ClientAlice, sim.OpGet, "pub/a", sim.StageAuthorization, sim.OutcomeOK, "")
	request(sim.ClientAlice, sim.OpPut, "pub/a", sim.StageAuthorization, sim.OutcomeOK, "")
	request(sim.ClientAlice, sim.OpPut, "private/b", sim.StageAuthorization, sim.OutcomeFailed, denied)
	p.at(2000).begin("connect stranger")
	p.begin("connect expired")
	p.at(2005)
	request(sim.ClientStranger, sim.OpGet, "pub/a", sim.StageAuthentication, sim.OutcomeFailed, denied)
	request(sim.ClientExpired, sim.OpGet, "pub/a", sim.StageHandshake, sim.OutcomeFailed, "remote error: tls: expired "+
		"certificate")
	p.at(3000).begin("connect plaintext")
	p.at(3005)
	request(sim.ClientPlaintext, sim.OpGet, "pub/a", sim.StageConnect, sim.OutcomeFailed, "EOF")
	p.at(4000).begin("rotate-certs n1 n2 n3")
	for m := range sim.MemberID(3) {
		p.at(4010 + int(m)).add(sim.Event{Kind: sim.KindCertificate, Member: m + 1, Key: "clients", Value: uint64(m) + 20})
	}
	p.at(5000).begin("connect alice")
	p.at(5010)
	request(sim.ClientAlice, sim.OpGet, "pub/a", sim.StageAuthorization, sim.OutcomeOK, "")
	p.at(6000).begin("connect bob")
	p.at(8000)
	request(sim.ClientBob, sim.OpGet, "pub/a", sim.StageAuthentication, sim.OutcomeUnknown, "timed out")
	return p
}

func TestAccessMeasures(t *testing.T) {
	tr := &visitors().Trace
	for _, tt := range []struct {
		name string
		in   sim.Window
		want float64
	}{
		{"access.granted", sim.Window{}, 3},
		{"access.granted", sim.Window{From: 4 * time.Second}, 1},
		{"access.refused", sim.Window{}, 4},
		{"access.refused.connect", sim.Window{}, 1},
		{"access.refused.handshake", sim.Window{}, 1},
		{"access.refused.authentication", sim.Window{}, 1},
		{"access.refused.authorization", sim.Window{}, 1},
		{"access.refused.authorization", sim.Window{From: 2 * time.Second}, 0},
		{"certificates.rotated", sim.Window{}, 3},
	} {
		if got, ok := MeasureNamed(tt.name).Compute(tr, tt.in); got != tt.want || !ok {
			t.Errorf("%s%s is %v, %v; want %v", tt.name, tt.in, got, ok, tt.want)
		}
	}
}

func TestStoryOfAccess(t *testing.T) {
	got := told(Story(&visitors().Trace))
	for _, want := range []string{
		"At 1.0 s the client alice tried to connect; after 20 ms alice was granted 2 of 3 requests (not put private/b).",
		"At 2.0 s the client stranger tried to connect, and the client expired tried to connect; after 5.0 ms stranger was " +
			"turned away by etcd, which knows no such user (etcdserver: permission denied); after 5.0 ms expired was turned " +
			"away in the handshake (remote error: tls: expired certificate).",
		"At 3.0 s the client plaintext tried to connect; after 5.0 ms plaintext was turned away before TLS (EOF).",
		"At 4.0 s n1 (leader of term 2), n2 and n3 got new certificates; after 12 ms n1, n2 and n3 presented them to those " +
			"that connected.",
		"At 5.0 s the client alice tried to connect; after 10 ms alice was granted everything that it asked for.",
		"At 6.0 s the client bob tried to connect; after 2.00 s bob got no answer (timed out).",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the story lacks\n%s\nand has\n%s", want, got)
		}
	}
}
