package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// RotateCerts gives the member new certificates of the same authorities while it runs. shown is called
// for each, with its serial number, as soon as a new connection gets it: "clients" or "peers". Open
// connections keep the old ones. A member that is down presents the new ones from its next start on;
// shown is not called for these.
//
// The keys stay the same, since etcd reads certificate and key one after the other; see certs.Issue.
func (m *Member) RotateCerts(ctx context.Context, shown func(to string, serial int64)) error {
	return m.rotate(ctx, time.Now().Add(goodFor), shown)
}

func (m *Member) rotate(ctx context.Context, until time.Time, shown func(to string, serial int64)) error {
	t, now := m.cluster.trust, time.Now()
	if t.spec.Clients {
		serial, err := t.serverCertificate(m, now, until)
		if err == nil {
			err = m.await(ctx, m.shownToClients, serial, func() { shown("clients", serial) })
		}
		if err != nil {
			return err
		}
	}
	if !t.spec.Peers {
		return nil
	}
	_, serial, err := t.peerCertificate(m, now)
	if err != nil {
		return err
	}
	return m.await(ctx, m.peers.(*peerlink.PeerPort).Certificate, serial, func() { shown("peers", serial) })
}

// await waits until the member shows the certificate of that number, as long as it runs.
func (m *Member) await(ctx context.Context, look func(context.Context) (*x509.Certificate, error), serial int64,
	shown func()) error {
	for m.Up() {
		once, cancel := context.WithTimeout(ctx, askTimeout)
		c, err := look(once)
		cancel()
		if err == nil && c.SerialNumber.Int64() == serial {
			shown()
			return nil
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
			return fmt.Errorf("%s does not present its new certificate: %w", m.Name, errors.Join(ctx.Err(), err))
		}
	}
	return nil
}

// shownToClients makes a handshake as a client and returns what the member shows.
func (m *Member) shownToClients(ctx context.Context) (*x509.Certificate, error) {
	cfg, err := m.cluster.ClientTLS()
	if err != nil {
		return nil, err
	}
	c, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", m.clients.Addr())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// BeginLifetimes makes the lifetime of the members' first certificates (Options.TLS.ServerLifetime) begin
// now: they are reissued. Start does that once all members have started, before any client connects;
// callers that start the members one by one call it then. Errors are the system's.
func (c *Real) BeginLifetimes() error {
	life := c.opt.TLS.ServerLifetime
	if life == 0 {
		return nil
	}
	now := time.Now()
	until := now.Add(life + time.Second - 1).Truncate(time.Second) // what a certificate can say
	for _, m := range c.Founders() {
		if _, err := c.trust.serverCertificate(m, now, until); err != nil {
			return err
		}
	}
	return nil
}
