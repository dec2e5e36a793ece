package cluster

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/certs"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// trust is what a cluster's TLS stands on: one authority for the peers, so that no client can pass
// for a member; one for what clients and members show each other; and one that nobody trusts.
//
// Members on sockets show each other certificates even where nobody asked for TLS: etcd's requests for versions,
// leases, hashes and promotions have no other name of their sender, and without it nobody can tell which of them take
// a link that is cut, slow or lossy.
type trust struct {
	spec                     sim.TLSSpec
	dir                      string
	peers, clients, stranger *certs.Authority // nil: none such
}

// Certificates are good from an hour ago, so that clocks may differ, and until long after any run: data that are kept
// (quorumlab up --data) are resumed with the authorities that they have.
const (
	goodSince = time.Hour
	goodFor   = 10 * 365 * 24 * time.Hour
)

// newTrust opens the authorities in a folder. certified says that the members have certificates in any case.
func newTrust(spec sim.TLSSpec, certified bool, dir string, now time.Time) (t *trust, err error) {
	t = &trust{spec: spec, dir: dir}
	open := func(name string) *certs.Authority {
		if err != nil {
			return nil
		}
		var a *certs.Authority
		a, err = certs.Open(filepath.Join(dir, name), "quorumlab "+name, now.Add(-goodSince), now.Add(goodFor))
		return a
	}
	if spec.Peers || certified {
		t.peers = open(peersFolder)
	}
	if spec.Clients {
		t.clients, t.stranger = open("clients"), open("strangers")
	}
	if err == nil && spec.Clients {
		err = t.users(now)
	}
	return t, err
}

// peersFolder is the folder of the peers' authority, in that of all.
const peersFolder = "peers"

// certified reports whether the members are to have certificates for each other whatever the options say. Members in
// virtual time have no sockets. Those that are resumed keep the addresses, and so the scheme, that their log has.
func (c *Real) certified() bool {
	if c.opt.Virtual {
		return false
	}
	if len(c.opt.Known) == 0 {
		return true
	}
	_, err := os.Stat(filepath.Join(c.dir, "tls", peersFolder))
	return err == nil
}

// issue gives a member its certificates, and says who it is among its peers.
func (t *trust) issue(m *Member, now time.Time) (peerlink.Identity, error) {
	var as peerlink.Identity
	if t.spec.Clients {
		if _, err := t.serverCertificate(m, now, now.Add(goodFor)); err != nil {
			return as, err
		}
	}
	if t.peers == nil {
		return as, nil
	}
	pair, _, err := t.peerCertificate(m, now)
	return peerlink.Identity{Name: m.Name, Files: pair.Info()}, err
}

func (t *trust) peerCertificate(m *Member, now time.Time) (certs.Pair, int64, error) {
	return t.peers.Issue(m.tlsDir(), "peer", certs.Profile{
		Name: m.Name, Use: certs.ForServer | certs.ForClient, Loopback: true, From: now.Add(-goodSince),
		Until: now.Add(goodFor),
	})
}

// serverCertificate writes what the member shows to clients, and returns its serial number.
func (t *trust) serverCertificate(m *Member, now, until time.Time) (int64, error) {
	_, serial, err := t.clients.Issue(m.tlsDir(), "server", certs.Profile{
		Name: m.Name, Use: certs.ForServer, Loopback: true, From: now.Add(-goodSince), Until: until,
	})
	return serial, err
}

// The users that etcd knows, by the common names of their certificates. Root may do everything: the
// cluster's own clients use it.
const root = "root"

// users writes the certificates of those that connect.
func (t *trust) users(now time.Time) error {
	from, until := now.Add(-goodSince), now.Add(goodFor)
	good := certs.Profile{Use: certs.ForClient, From: from, Until: until}
	for _, c := range []struct {
		file string
		name string
		by   *certs.Authority
		set  func(*certs.Profile)
	}{
		{root, root, t.clients, nil},
		{string(sim.ClientAlice), "alice", t.clients, nil},
		{string(sim.ClientBob), "bob", t.clients, nil},
		{string(sim.ClientStranger), "stranger", t.clients, nil},
		{string(sim.ClientUnknownCA), "alice", t.stranger, nil},
		{string(sim.ClientExpired), "alice", t.clients, func(p *certs.Profile) { p.Until = now.Add(-time.Minute) }},
		{string(sim.ClientServerOnly), "alice", t.clients, func(p *certs.Profile) { p.Use = certs.ForServer }},
	} {
		p := good
		p.Name = c.name
		if c.set != nil {
			c.set(&p)
		}
		if _, _, err := c.by.Issue(filepath.Join(t.dir, "users"), c.file, p); err != nil {
			return err
		}
	}
	return nil
}

// user names the files of one of users.
func (t *trust) user(file string) certs.Pair {
	at := filepath.Join(t.dir, "users", file)
	return certs.Pair{Cert: at + ".pem", Key: at + "-key.pem", CA: t.clients.File()}
}

// Credentials names the files with which a client connects as a user: root, alice or bob. False: the
// cluster's clients use no TLS.
func (c *Real) Credentials(user string) (certs.Pair, bool) {
	if !c.opt.TLS.Clients {
		return certs.Pair{}, false
	}
	return c.trust.user(user), true
}

// ClientTLS is what a client that may do everything needs for its connections; nil if clients use no
// TLS.
func (c *Real) ClientTLS() (*tls.Config, error) {
	pair, ok := c.Credentials(root)
	if !ok {
		return nil, nil
	}
	cfg, err := pair.Info().ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", root, err)
	}
	return cfg, nil
}

func (m *Member) tlsDir() string { return filepath.Join(m.dir, "tls") }

// peerPair is what the member shows its peers and whom of them it believes; empty if they have no certificates.
func (m *Member) peerPair() certs.Pair {
	if t := m.cluster.trust; t.peers != nil {
		return m.pair("peer", t.peers.File())
	}
	return certs.Pair{}
}

// serverPair is what the member shows clients, and whose certificates they must present, if any; empty
// without TLS for clients.
func (m *Member) serverPair() certs.Pair {
	t := m.cluster.trust
	switch {
	case t.spec.ClientCertificates:
		return m.pair("server", t.clients.File())
	case t.spec.Clients:
		return m.pair("server", "")
	}
	return certs.Pair{}
}

// ServerFiles names the files of the certificate that the member presents to clients, and of the
// authority whose certificates they must present, if any; empty without TLS for clients. etcd reads the
// member's certificate at each handshake, but the authority only when it starts.
func (m *Member) ServerFiles() certs.Pair { return m.serverPair() }

func (m *Member) pair(file, ca string) certs.Pair {
	at := filepath.Join(m.tlsDir(), file)
	return certs.Pair{Cert: at + ".pem", Key: at + "-key.pem", CA: ca}
}

func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}
