package tlsandclientcertificates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/certs"
)

// mutual is TLS between clients and members in which both show certificates.
var mutual = sim.TLSSpec{Clients: true, ClientCertificates: true}

// guarded is mutual with users and roles by common name.
var guarded = sim.TLSSpec{Clients: true, ClientCertificates: true, Roles: true}

// alone are the options of a member without others: a door is as shut on one as on three.
func alone(spec sim.TLSSpec) cluster.Options {
	return cluster.Options{Names: []string{"n1"}, TLS: spec}
}

// address is where the member's clients connect.
func address(m *cluster.Member) string {
	_, host, _ := strings.Cut(m.ClientURL(), "://")
	return host
}

// filesOf are a user's files, for users of whom the cluster has some.
func filesOf(c *cluster.Real, user string) (*tls.Config, error) {
	pair, ok := c.Credentials(user)
	if !ok {
		return nil, errors.New("the clients of this cluster use plaintext")
	}
	return pair.Info().ClientConfig()
}

// clientAs opens a stock client with a user's certificate.
func clientAs(c *cluster.Real, user string) (*clientv3.Client, error) {
	cfg, err := filesOf(c, user)
	if err != nil {
		return nil, err
	}
	return clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, TLS: cfg, Logger: zap.NewNop()})
}

// handshake makes a handshake and returns the certificate that the member shows.
func handshake(ctx context.Context, m *cluster.Member, cfg *tls.Config) (*x509.Certificate, error) {
	c, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", address(m))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// dialThenRead connects in TLS 1.3 and reads: it tells what became of each.
func dialThenRead(ctx context.Context, m *cluster.Member, cfg *tls.Config) (dialed, read error) {
	cfg = cfg.Clone()
	cfg.MinVersion = tls.VersionTLS13
	c, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", address(m))
	if err != nil {
		return err, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	_, read = c.Read(make([]byte, 1))
	return nil, read
}

// comeIn asks a member for its version on a new connection, as the holder of a pair of files
// who believes the authorities in its CA. The error is why it was not let in. It speaks TLS
// 1.2, in which both sides have said yes or no when the handshake ends: a refusal can't get
// lost behind a request that was already sent.
func comeIn(ctx context.Context, m *cluster.Member, as certs.Pair) error {
	cfg, err := as.Info().ClientConfig()
	if err != nil {
		return err
	}
	cfg.MaxVersion = tls.VersionTLS12
	tr := &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.ClientURL()+"/version", nil)
	if err != nil {
		return err
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// refusal tells whether an error is a no of one side to the other's certificate, as against a
// connection that came to nothing.
func refusal(err error) bool {
	var mine *tls.CertificateVerificationError
	var theirs *net.OpError
	return errors.As(err, &mine) || errors.As(err, &theirs) && theirs.Op == "remote error"
}

// plain is an error without the time of day, which x509 adds to what has expired, and without
// addresses.
func plain(err error) string {
	if err == nil {
		return ""
	}
	text, _, _ := strings.Cut(err.Error(), ": current time ")
	text = strings.TrimPrefix(text, "rpc error: code = Unavailable desc = ")
	return text
}
