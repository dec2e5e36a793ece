package peerlink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
)

// Identity is a member under peer TLS. Its port terminates the peers' connections with the member's
// own certificate and opens those to etcd with the requesting peer's: each end sees the other's
// certificate, as if there were no port in between. The zero value is a member without TLS.
type Identity struct {
	// Name is the common name of the member's certificate, by which the others' ports know it.
	Name string
	// Files are those of the member's certificate and of the authority of all members.
	Files transport.TLSInfo
}

func (i Identity) secure() bool { return !i.Files.Empty() }

func (i Identity) scheme() string {
	if i.secure() {
		return "https"
	}
	return "http"
}

// wrap puts TLS over a listener of the member's.
func (i Identity) wrap(ln net.Listener) (net.Listener, error) {
	if !i.secure() {
		return ln, nil
	}
	c, err := i.Files.ServerConfig()
	if err != nil {
		return nil, err
	}
	c.NextProtos = nil // HTTP/1.1 alone, as etcd's peers talk
	return tls.NewListener(ln, c), nil
}

// transport carries requests in the name of the member; dial opens connections.
func (i Identity) transport(
	dial func(ctx context.Context, network, addr string) (net.Conn, error)) (*http.Transport, error) {
	t := &http.Transport{
		DialContext:         dial,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     3 * time.Second, // below etcd's 5 s of read timeout
		DisableCompression:  true,
	}
	var err error
	if i.secure() {
		t.TLSClientConfig, err = i.Files.ClientConfig()
	}
	return t, err
}

// server serves HTTP/1.1 and logs nothing.
func server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
}

// Certificate makes a handshake with etcd, as the member itself, and returns the certificate that etcd presents.
func (p *PeerPort) Certificate(ctx context.Context) (*x509.Certificate, error) {
	cfg, err := p.as.Files.ClientConfig()
	if err != nil {
		return nil, err
	}
	cfg.ServerName = loopback
	raw, err := p.dial(ctx, "", "")
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	c := tls.Client(raw, cfg)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return c.ConnectionState().PeerCertificates[0], nil
}
