package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/certs"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// mutual is TLS everywhere, with users by common name.
func mutual(o *Options) {
	o.TLS = sim.TLSSpec{Peers: true, Clients: true, ClientCertificates: true, Roles: true}
}

// matrix is how far each kind of client comes: its attempts in the order of attempts.
func matrix(t *testing.T, m *Member, kinds ...sim.ClientKind) map[sim.ClientKind][]string {
	t.Helper()
	got := map[sim.ClientKind][]string{}
	for _, k := range kinds {
		made, err := m.Connect(contextFor(t), k)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range made {
			if a.Op != attempts[i].Op || a.Key != attempts[i].Key || (a.Err == nil) != (a.Result == sim.OutcomeOK) {
				t.Errorf("%s: attempt %d is %v %s, %v with error %v", k, i, a.Op, a.Key, a.Result, a.Err)
			}
			got[k] = append(got[k], fmt.Sprint(a.Stage, " ", a.Result))
		}
	}
	return got
}

func want(t *testing.T, got, want map[sim.ClientKind][]string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("clients came as far as (-want +got):\n%s", d)
	}
}

const allowed, denied = "authorization ok", "authorization failed"

func TestEachClientComesAsFarAsItsCertificateTakesIt(t *testing.T) {
	inBoth(t, func(t *testing.T, mode func(*Options)) {
		c := start(t, 3, mutual, mode)
		testMatrix(t, c)
		testRotation(t, c)
	})
}

func testMatrix(t *testing.T, c *Real) {
	shut := []string{"handshake failed"}
	want(t, matrix(t, leader(t, c, nil), sim.ClientKinds()...), map[sim.ClientKind][]string{
		sim.ClientAlice:         {allowed, allowed, denied, denied},
		sim.ClientBob:           {denied, denied, denied, denied},
		sim.ClientStranger:      {"authentication failed"},
		sim.ClientPlaintext:     {"connect failed"},
		sim.ClientNoCertificate: shut,
		sim.ClientUnknownCA:     shut,
		sim.ClientExpired:       shut,
		sim.ClientServerOnly:    shut,
		sim.ClientTrustsNobody:  shut,
		sim.ClientWrongName:     shut,
	})
}

// New certificates are shown to who comes, and nobody who is there notices.
func testRotation(t *testing.T, c *Real) {
	old := dial(t, c.Member(1))
	write := func() error { _, err := old.Put(contextFor(t), "k", "v"); return err }
	if err := write(); err != nil {
		t.Fatal(err)
	}
	last := map[string]int64{}
	for _, m := range c.Members() {
		seen := map[string]bool{}
		err := m.RotateCerts(contextFor(t), func(to string, serial int64) {
			if seen[to] = true; serial <= last[to] {
				t.Errorf("%s shows number %d to %s after %d", m.Name, serial, to, last[to])
			}
			last[to] = serial
		})
		if err != nil || !seen["clients"] || !seen["peers"] {
			t.Errorf("%s: new certificates shown to %v, %v", m.Name, seen, err)
		}
	}
	if err := write(); err != nil {
		t.Errorf("a client that was there before: %v", err)
	}
	want(t, matrix(t, c.Member(2), sim.ClientAlice),
		map[sim.ClientKind][]string{sim.ClientAlice: {allowed, allowed, denied, denied}})
	m := c.Member(3)
	m.Crash()
	shown := func(to string, _ int64) { t.Errorf("a member that is down shows %s something", to) }
	if err := m.RotateCerts(contextFor(t), shown); err != nil {
		t.Error(err)
	}
}

// Without client certificates TLS hides what is said, and lets everybody in; without roles whoever is
// in may do everythint.
func TestTLSAloneKeepsNobodyOut(t *testing.T) {
	all := []string{allowed, allowed, allowed, allowed}
	c := start(t, 1, func(o *Options) { o.TLS = sim.TLSSpec{Clients: true} })
	want(t, matrix(t, c.Member(1), sim.ClientNoCertificate, sim.ClientExpired, sim.ClientPlaintext),
		map[sim.ClientKind][]string{
			sim.ClientNoCertificate: all, sim.ClientExpired: all, sim.ClientPlaintext: {"connect failed"},
		})
	c = start(t, 1, func(o *Options) { o.TLS = sim.TLSSpec{Clients: true, ClientCertificates: true} })
	want(t, matrix(t, c.Member(1), sim.ClientBob, sim.ClientStranger, sim.ClientNoCertificate),
		map[sim.ClientKind][]string{
			sim.ClientBob: all, sim.ClientStranger: all, sim.ClientNoCertificate: {"handshake failed"},
		})
	m := c.Member(1)
	m.Crash()
	want(t, matrix(t, m, sim.ClientAlice), map[sim.ClientKind][]string{sim.ClientAlice: {"connect failed"}})
}

// Certificates that expire are noticed by who comes, and by nobody who is there; new ones mend it.
func TestExpiryIsNoticedInHandshakesOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("a certificate is good for whole seconds")
	}
	const life = 2 * time.Second
	c := start(t, 1, func(o *Options) { o.TLS = sim.TLSSpec{Clients: true, ServerLifetime: life} })
	m := c.Member(1)
	old := dial(t, m)
	write := func() error { _, err := old.Put(contextFor(t), "k", "v"); return err }
	if err := write(); err != nil {
		t.Fatal(err)
	}
	var made []Attempt
	eventually(t, "who comes is told of it", func() bool {
		var err error
		if made, err = m.Connect(contextFor(t), sim.ClientAlice); err != nil {
			t.Fatal(err)
		}
		return made[0].Err != nil
	})
	var invalid x509.CertificateInvalidError
	if !errors.As(made[0].Err, &invalid) || invalid.Reason != x509.Expired || made[0].Stage != sim.StageHandshake {
		t.Errorf("refused at %v: %v", made[0].Stage, made[0].Err)
	}
	if text := made[0].Why(); !strings.HasSuffix(text, "not yet valid") { // and no time of day behind it
		t.Errorf("the trace would say %q", text)
	}
	if err := write(); err != nil {
		t.Errorf("a client that was there before: %v", err)
	}
	if err := m.RotateCerts(contextFor(t), func(string, int64) {}); err != nil {
		t.Error(err)
	}
	want(t, matrix(t, m, sim.ClientAlice),
		map[sim.ClientKind][]string{sim.ClientAlice: {allowed, allowed, allowed, allowed}})
}

// A cluster that speaks in the clear has nobody show anything.
func TestNoClientShowsACertificateInTheClear(t *testing.T) {
	c := start(t, 1)
	for _, k := range []sim.ClientKind{sim.ClientAlice, sim.ClientPlaintext} {
		if _, err := c.Member(1).Connect(t.Context(), k); err == nil {
			t.Errorf("%s came without an error", k)
		}
	}
	if _, ok := c.Credentials("root"); ok {
		t.Error("there are credentials")
	}
}

// A request comes with its sender's certificate: a cut stops those of the member behind it and of nobody else,
// whether the scenario asks for TLS or not.
func TestCutsAreExact(t *testing.T) {
	t.Run("TLS", func(t *testing.T) { testExactCuts(t, mutual) })
	t.Run("no TLS", func(t *testing.T) { testExactCuts(t, func(*Options) {}) })
}

func testExactCuts(t *testing.T, set func(*Options)) {
	c := start(t, 3, set)
	a, b, other := c.Member(1), c.Member(2), c.Member(3)
	ask := func(as certs.Pair) error {
		cfg, err := as.Info().ClientConfig()
		if err != nil {
			t.Fatal(err)
		}
		tr := &http.Transport{TLSClientConfig: cfg}
		defer tr.CloseIdleConnections()
		req, err := http.NewRequestWithContext(contextFor(t), http.MethodGet, a.peers.URL()+"/version", nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tr.RoundTrip(req)
		if err == nil {
			err = r.Body.Close()
		}
		return err
	}
	version := func(from *Member) error { return ask(from.peerPair()) }
	for _, link := range [][2]*Member{{a, b}, {b, a}} {
		c.SetLink(link[0].ID, link[1].ID, sim.LinkState{Cut: true})
		if version(b) == nil {
			t.Errorf("a request of %s passed while %s -> %s was cut", b.Name, link[0].Name, link[1].Name)
		}
		if err := version(other); err != nil {
			t.Errorf("%s was kept out by a cut between others: %v", other.Name, err)
		}
		c.SetLink(link[0].ID, link[1].ID, sim.LinkState{})
	}
	if err := version(b); err != nil {
		t.Errorf("healed: %v", err)
	}
	nobody, _, err := c.trust.peers.Issue(t.TempDir(), "nobody", certs.Profile{
		Name: "nobody", Use: certs.ForClient, From: time.Now().Add(-goodSince), Until: time.Now().Add(goodFor),
	})
	if err != nil {
		t.Fatal(err)
	}
	if ask(nobody) == nil {
		t.Error("a request passed whose certificate is no member's")
	}
}

// A client's certificate does not open the door for peers: another authority has signed it.
func TestClientIsNoPeer(t *testing.T) {
	c := start(t, 1, mutual)
	user, _ := c.Credentials(root)
	pair := c.Member(1).peerPair()
	pair.Cert, pair.Key = user.Cert, user.Key
	cfg, err := pair.Info().ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", c.Member(1).peers.URL()[len("https://"):], cfg)
	if err != nil {
		t.Fatal(err) // TLS 1.3: it hears of it when it reads
	}
	defer conn.Close()
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("the port of a peer answers root with %d bytes", n)
	}
}

// A learner joins, and a follower is cut off and caught up, all in TLS.
func TestMemberJoinsUnderTLS(t *testing.T) {
	c := start(t, 1, mutual, func(o *Options) { o.Later = []string{"n2"} })
	join(t, c, 2)
	var got *x509.Certificate
	eventually(t, "the new member shows its certificate to peers", func() bool {
		got, _ = c.Member(2).peers.(*peerlink.PeerPort).Certificate(context.Background())
		return got != nil
	})
	if got.Subject.CommonName != "n2" {
		t.Errorf("the member n2 is %q", got.Subject.CommonName)
	}
}

func join(t *testing.T, c *Real, n sim.MemberID) {
	t.Helper()
	cl := dial(t, c.Member(1))
	eventually(t, "the learner is let in", func() bool {
		ctx, cancel := context.WithTimeout(contextFor(t), askTimeout)
		defer cancel()
		return c.AddLearner(ctx, cl, n) == nil
	})
	if err := c.Member(n).Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the learner has caught up", func() bool {
		ctx, cancel := context.WithTimeout(contextFor(t), askTimeout)
		defer cancel()
		return c.Promote(ctx, cl, n) == nil
	})
}
