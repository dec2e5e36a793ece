package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"quorumlab/sim"
)

// Attempt is the outcome of one thing that a client tried.
type Attempt struct {
	Op    sim.OpKind
	Key   string
	Stage sim.AccessStage // how far it got
	// Result is OutcomeOK; OutcomeFailed: it was refused at the stage; OutcomeUnknown: something else
	// kept it from finding out.
	Result sim.Outcome
	Err    error // as the client sees it; nil if it succeeded
}

// Why is Err in words, without the time of day, which x509 adds if something has expired; empty if there
// is no error.
func (a Attempt) Why() string {
	if a.Err == nil {
		return ""
	}
	text, _, _ := strings.Cut(a.Err.Error(), ": current time ")
	return text
}

// attempts are what each client wants, in this order, until it is not let in.
var attempts = []Attempt{
	{Op: sim.OpGet, Key: publicPrefix + "notice"},
	{Op: sim.OpPut, Key: publicPrefix + "notice"},
	{Op: sim.OpGet, Key: "private/plan"},
	{Op: sim.OpPut, Key: "private/plan"},
}

// Connect has a client of a kind connect to a member, as a new process would, and try to read and
// write a key under pub/ and one elsewhere. A client that does not get as far as requesting keys
// tries once. Errors: the cluster has no TLS for clients, or the client's files can't be read.
func (m *Member) Connect(ctx context.Context, k sim.ClientKind) ([]Attempt, error) {
	cfg, err := m.cluster.clientOf(k)
	if err != nil {
		return nil, err
	}
	for tries := 0; ; tries++ {
		made, err := m.connect(ctx, k, cfg)
		// A server that has said no closes the connection, and when the client was still writing,
		// its system may throw the no away with it.
		if err != nil || cfg == nil || made[0].Stage != sim.StageConnect || tries == maxTries || !m.Up() {
			return made, err
		}
	}
}

const maxTries = 3

func (m *Member) connect(ctx context.Context, k sim.ClientKind, cfg *tls.Config) ([]Attempt, error) {
	c, err := m.visit(cfg)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	known := sync.OnceValue(func() bool { return m.knows(ctx, k) })
	var made []Attempt
	for _, a := range attempts {
		a = c.try(ctx, a)
		if a.Result == sim.OutcomeFailed && a.Stage == sim.StageAuthorization && !known() {
			a.Stage = sim.StageAuthentication
		}
		made = append(made, a)
		if a.Stage < sim.StageAuthorization {
			break
		}
	}
	return made, nil
}

// knows reports whether a client is one of etcd's users. etcd answers "permission denied" to clients that are not
// as to who lacks a role, so that nobody can find out which users there are; root may ask.
func (m *Member) knows(ctx context.Context, k sim.ClientKind) bool {
	err := m.asRoot(func(c *clientv3.Client) error {
		_, err := c.UserGet(ctx, string(k))
		return err
	})
	return !errors.Is(err, rpctypes.ErrUserNotFound)
}

// clientOf is what a client of a kind presents and trusts; nil uses no TLS.
func (c *Real) clientOf(k sim.ClientKind) (*tls.Config, error) {
	if !c.opt.TLS.Clients {
		return nil, errors.New("the clients of this cluster use no TLS")
	}
	file := k
	switch k {
	case sim.ClientNoCertificate, sim.ClientTrustsNobody, sim.ClientWrongName:
		file = sim.ClientAlice
	case sim.ClientPlaintext:
		return nil, nil
	}
	info := c.trust.user(string(file)).Info()
	if k == sim.ClientNoCertificate {
		info.CertFile, info.KeyFile = "", ""
	}
	cfg, err := info.ClientConfig()
	if err != nil {
		return nil, err
	}
	switch k {
	case sim.ClientTrustsNobody:
		cfg.RootCAs = x509.NewCertPool()
	case sim.ClientWrongName:
		cfg.ServerName = "etcd.example"
	}
	return cfg, nil
}

// visitor is a client with a connection of its own, which it watches.
type visitor struct {
	*grpc.ClientConn
	door *door
}

// visit opens a client's connection, in the background. It is gRPC's own, below etcd's client: that one
// keeps trying until the caller's time is up, and then says no more than that it is up.
func (m *Member) visit(cfg *tls.Config) (visitor, error) {
	d := &door{TransportCredentials: insecure.NewCredentials()}
	var how []grpc.DialOption
	if cfg != nil {
		d.TransportCredentials = credentials.NewTLS(cfg)
		if cfg.ServerName != "" { // which gRPC would not look at
			how = append(how, grpc.WithAuthority(cfg.ServerName))
		}
	}
	c, err := grpc.NewClient("passthrough:///"+m.clients.Addr(), append(how, grpc.WithTransportCredentials(d))...)
	return visitor{c, d}, err
}

// ask asks for something once.
func (v visitor) ask(ctx context.Context, o sim.OpKind, key string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	kv := pb.NewKVClient(v)
	var err error
	if o == sim.OpGet {
		_, err = kv.Range(ctx, &pb.RangeRequest{Key: []byte(key)})
	} else {
		_, err = kv.Put(ctx, &pb.PutRequest{Key: []byte(key), Value: []byte("a visitor was here")})
	}
	return rpctypes.Error(err)
}

// try makes an attempt and reports how far it got.
func (v visitor) try(ctx context.Context, a Attempt) Attempt {
	a.Err = v.ask(ctx, a.Op, a.Key)
	a.Stage, a.Result = sim.StageAuthorization, sim.OutcomeFailed
	refused, through := v.door.state()
	switch {
	case a.Err == nil:
		a.Result = sim.OutcomeOK
	case refused != nil:
		a.Stage, a.Err = sim.StageHandshake, refused
	case errors.Is(a.Err, rpctypes.ErrPermissionDenied):
	case errors.Is(a.Err, rpctypes.ErrUserEmpty), errors.Is(a.Err, rpctypes.ErrInvalidAuthToken):
		a.Stage = sim.StageAuthentication
	case Code(a.Err) == codes.Unavailable && !through:
		a.Stage = sim.StageConnect
	default: // it was let in, but nobody answered
		a.Stage, a.Result = sim.StageAuthentication, sim.OutcomeUnknown
	}
	return a
}

// door watches a client's TLS handshake.
type door struct {
	credentials.TransportCredentials

	mu      sync.Mutex
	refused error // by this client, or by the server
	through bool  // the server has said something in TLS
}

// ClientHandshake is the client's part. With TLS 1.3 it ends before the server has checked the
// client's certificate: the server's verdict comes with the first read.
func (d *door) ClientHandshake(ctx context.Context, name string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	c, info, err := d.TransportCredentials.ClientHandshake(ctx, name, raw)
	if err != nil {
		d.hear(err)
		return c, info, err
	}
	_, secure := info.(credentials.TLSInfo)
	return &doorway{c, d, secure}, info, nil
}

// Clone keeps watching: gRPC clones its credentials.
func (d *door) Clone() credentials.TransportCredentials { return d }

// hear keeps an error by which one side refuses the other: what the server says comes as an alert. A
// connection that just ends is none.
func (d *door) hear(err error) {
	var mine *tls.CertificateVerificationError
	var theirs *net.OpError
	if !errors.As(err, &mine) && !(errors.As(err, &theirs) && theirs.Op == "remote error") {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused == nil {
		d.refused = err
	}
}

func (d *door) state() (refused error, through bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refused, d.through
}

type doorway struct {
	net.Conn
	door   *door
	secure bool
}

// Read notes what the server answers.
func (w *doorway) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if err != nil {
		w.door.hear(err)
	}
	if n > 0 && w.secure {
		w.door.mu.Lock()
		defer w.door.mu.Unlock()
		w.door.through = true
	}
	return n, err
}
