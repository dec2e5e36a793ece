package plots

import (
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"quorumlab/sim"
)

func init() { more["access"] = visitors }

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
	comes(sim.ClientWrongName, sim.StageHandshake, "tls: failed to verify certificate: x509: certificate is valid for localhost, not etcd.example", no)
	comes(sim.ClientBob, sim.StageAuthentication, "context deadline exceeded", sim.OutcomeUnknown)
	comes(sim.ClientNoCertificate, sim.StageAuthorization, "", ok, ok, ok, ok)
	return p.trace(12*time.Second, 3)
}

// What fits no page is counted, and a client that this program does not know has a row all the same.
func TestAccessLeavesOutWhatDoesNotFit(t *testing.T) {
	tr := &sim.Trace{}
	for range mostVisits + 3 {
		tr.Events = append(tr.Events, sim.Event{Kind: sim.KindAccess, Client: 99, Count: 77, Result: sim.OutcomeFailed, Note: "no"})
	}
	p, err := access(Read(tr))
	if err != nil {
		t.Fatal(err)
	}
	if a := p.(AccessPoints); len(a.Visits) != mostVisits || a.LeftOut != 3 {
		t.Errorf("%d rows and %d left out", len(a.Visits), a.LeftOut)
	}
	drawn(t, tr)
}

func TestWrap(t *testing.T) {
	style := letters(smallSize, ink)
	room := style.Width("one two three")
	for _, tt := range []struct {
		text string
		most int
		want []string
	}{
		{"", 2, nil},
		{"one two three", 2, []string{"one two three"}},
		{"one two three four", 2, []string{"one two three", "four"}},
		{"one two three four five six seven", 2, []string{"one two three", "four five …"}},
		{"one two three four", 1, []string{"one two …"}},
	} {
		got := wrap(tt.text, style, room, tt.most)
		for i, l := range got {
			if style.Width(l) > room+vg.Length(0.01) {
				t.Errorf("%q: line %q has no room", tt.text, l)
			}
			if i < len(tt.want)-1 && l != tt.want[i] {
				t.Errorf("%q: line %d is %q, want %q", tt.text, i, l, tt.want[i])
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}
