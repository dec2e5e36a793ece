package peerlink

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim/etcdsim/cluster/certs"
)

// traffic is a kind of request between members, as etcd 3.7 sends them: 1 asks 2.
type traffic struct {
	name, method, path string
	// answers says that what matters runs from 2 to 1: a stream carries the messages of the one who is asked. It
	// takes a connection, which is made while neither way is cut.
	answers bool
	// both says that request and answer have to pass. It is a request without a raft message, and nothing in it says
	// who sent it.
	both bool
	body []byte
	user string
}

func kindsOfTraffic(t *testing.T) []traffic {
	var term, from, to uint64 = 2, 11, 22
	message := &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: &term, From: &from, To: &to}
	snap := &raftpb.Message{Type: raftpb.MsgSnap.Enum(), Term: &term, From: &from, To: &to,
		Snapshot: &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{Index: &to, Term: &term}}}
	kinds := []traffic{
		{name: "append stream", method: http.MethodGet, path: "/raft/stream/msgapp/b", answers: true},
		{name: "message stream", method: http.MethodGet, path: "/raft/stream/message/b", answers: true},
		{name: "post", method: http.MethodPost, path: "/raft", body: marshal(t, message)},
		{name: "snapshot", method: http.MethodPost, path: "/raft/snapshot",
			body: append(block(marshal(t, snap)), "the database"...)},
	}
	for _, path := range []string{"/members", "/version", "/raft/probing", "/members/hashkv", "/leases/internal",
		"/leases", "/members/promote/b", "/downgrade/enabled"} {
		kinds = append(kinds, traffic{name: path, method: http.MethodPost, path: path, both: true})
	}
	return kinds
}

// etcdStub answers as an etcd server does.
type etcdStub struct{ t *testing.T }

func (e *etcdStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/raft/stream/") {
		var term, from, to uint64 = 2, 22, 11
		m := &raftpb.Message{Type: raftpb.MsgApp.Enum(), Term: &term, From: &from, To: &to}
		frame := block(marshal(e.t, m))
		if strings.Contains(r.URL.Path, "msgapp") {
			frame = append([]byte{kindWhole}, frame...)
		}
		_, _ = w.Write(frame)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return
	}
	_, _ = io.Copy(w, r.Body)
}

// Each kind of traffic between two members passes a link that is whole, and none passes one that is cut in its
// way, whatever became of the links of others. Members with certificates are known by them, as all are on sockets.
// Without, a request that does not say who sent it passes no member with a cut link, and the third has one here.
func TestNoTrafficPassesACut(t *testing.T) {
	known := identities(t, 3)
	for _, k := range kindsOfTraffic(t) {
		for _, link := range []struct {
			name        string
			there, back Condition
		}{
			{name: "whole"},
			{name: "cut there", there: Condition{Cut: true}},
			{name: "cut back", back: Condition{Cut: true}},
			{name: "cut both ways", there: Condition{Cut: true}, back: Condition{Cut: true}},
			{name: "lossy there", there: Condition{Loss: 1}},
			{name: "lossy back", back: Condition{Loss: 1}},
			{name: "slow", there: Condition{Delay: tick}, back: Condition{Delay: tick}},
			{name: "thin", there: Condition{Rate: 1 << 20}, back: Condition{Rate: 1 << 20}},
		} {
			lost := func(c Condition) bool { return c.Cut || c.Loss > 0 }
			want := !lost(link.there)
			switch {
			case k.answers:
				want = !lost(link.back) && !link.there.Cut
			case k.both:
				want = !lost(link.there) && !lost(link.back)
			}
			for name, as := range map[string][]Identity{"certificates": known, "plain": make([]Identity, 3)} {
				t.Run(k.name+"/"+link.name+"/"+name, func(t *testing.T) {
					want := want && (name == "certificates" || !k.both)
					if got := passes(t, k, as, link.there, link.back); got != want {
						t.Errorf("it passes: %v, want %v", got, want)
					}
				})
			}
		}
	}
}

// A member that joins without certificates is known by its user name, and is behind a cut or not by that.
func TestJoiningMemberIsKnownByItsUserName(t *testing.T) {
	for _, k := range kindsOfTraffic(t) {
		if !k.both {
			continue
		}
		k.user = UserName(1)
		if !passes(t, k, make([]Identity, 3), Condition{}, Condition{}) {
			t.Errorf("%s: the member that joins is refused while another one is cut off", k.name)
		}
		for way, c := range map[string][2]Condition{"there": {{Cut: true}, {}}, "back": {{}, {Cut: true}}} {
			if passes(t, k, make([]Identity, 3), c[0], c[1]) {
				t.Errorf("%s passes a cut %s", k.name, way)
			}
		}
	}
}

// identities gives members certificates of one authority.
func identities(t *testing.T, n int) (list []Identity) {
	t.Helper()
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	a, err := certs.Open(t.TempDir(), "peers", from, until)
	if err != nil {
		t.Fatal(err)
	}
	for m := 1; m <= n; m++ {
		name := fmt.Sprint("n", m)
		pair, _, err := a.Issue(t.TempDir(), "peer", certs.Profile{
			Name: name, Use: certs.ForServer | certs.ForClient, Loopback: true, From: from, Until: until,
		})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Identity{Name: name, Files: pair.Info()})
	}
	return list
}

func tick(*rand.Rand) time.Duration { return time.Millisecond }

// passes has member 1 ask member 2, beside a third that is cut off, and reports whether what matters arrived.
func passes(t *testing.T, k traffic, as []Identity, there, back Condition) bool {
	fates := make(chan Fate, 16)
	n := New(Options{Observe: func(f Fate, _ Message) {
		if f != Sent {
			fates <- f
		}
	}})
	var ports []*PeerPort
	for m := 1; m <= 3; m++ {
		p, err := n.Listen(m, as[m-1])
		if err != nil {
			t.Fatal(err)
		}
		p.Open()
		ports = append(ports, p)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	ports[1].Serve(stub(t, as[1]))
	for _, l := range [][2]int{{3, 1}, {1, 3}, {3, 2}, {2, 3}} {
		n.Link(l[0], l[1]).Set(Condition{Cut: true})
	}
	n.Link(1, 2).Set(there)
	n.Link(2, 1).Set(back)

	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: shown(t, as[0])}}
	r, err := c.Do(request(t, k, ports[0].URL(), ports[1].URL()))
	if err == nil {
		defer r.Body.Close()
	}
	if k.both || err != nil {
		return err == nil
	}
	return <-fates == Delivered
}

// request is one as etcd sends it.
func request(t *testing.T, k traffic, from, to string) *http.Request {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), k.method, to+k.path, bytes.NewReader(k.body))
	if err != nil {
		t.Fatal(err)
	}
	if !k.both {
		q.Header.Set("X-PeerURLs", from)
		q.Header.Set("X-Raft-To", "16")
	}
	if k.user != "" {
		q.SetBasicAuth(k.user, "")
	}
	return q
}

// shown is what a member's requests are made with; nil without certificates.
func shown(t *testing.T, as Identity) *tls.Config {
	t.Helper()
	if !as.secure() {
		return nil
	}
	c, err := as.Files.ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stub is an etcd server behind a port; addr is where it listens.
func stub(t *testing.T, as Identity) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	if ln, err = as.wrap(ln); err != nil {
		t.Fatal(err)
	}
	s := server(&etcdStub{t})
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(ln) })
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		serving.Wait()
	})
	return addr
}
