package cluster

import (
	"errors"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"quorumlab/sim"
)

// askTimeout is how long one question to a member may take.
const askTimeout = 2 * time.Second

// soon makes a client check soon whether a member that was down is back.
var soon = grpc.ConnectParams{
	Backoff: backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, Jitter: 0.2,
		MaxDelay: 100 * time.Millisecond},
	MinConnectTimeout: time.Second,
}

// Client opens a client as an application has one: it knows the addresses of the members with these numbers,
// or of all without any, and asks one that answers. It looks soon whether a member that was down is back.
// Close it before the cluster.
func (c *Real) Client(ids ...sim.MemberID) (*clientv3.Client, error) { return c.client(nil, ids...) }

// ClientWith is Client of all members with more options.
func (c *Real) ClientWith(more ...grpc.DialOption) (*clientv3.Client, error) { return c.client(more) }

func (c *Real) client(more []grpc.DialOption, ids ...sim.MemberID) (*clientv3.Client, error) {
	secrets, err := c.ClientTLS()
	if err != nil {
		return nil, err
	}
	cfg := clientv3.Config{TLS: secrets, Logger: zap.NewNop(), DialOptions: append(c.dialOptions(), more...)}
	for _, m := range c.Members() {
		if len(ids) == 0 || slices.Contains(ids, m.ID) {
			cfg.Endpoints = append(cfg.Endpoints, m.ClientURL())
		}
	}
	return clientv3.New(cfg)
}

// Dial opens a client of this member alone, in the background. It does not retry by itself what a caller
// would have to know of, and soon checks whether a member that was down is back. Close it. The
// error is that of the cluster's certificates.
func (m *Member) Dial(more ...grpc.DialOption) (*clientv3.Client, error) {
	secrets, err := m.cluster.ClientTLS()
	if err != nil {
		return nil, err
	}
	return clientv3.New(clientv3.Config{
		Endpoints:       []string{m.ClientURL()},
		TLS:             secrets,
		Logger:          zap.NewNop(),
		MaxUnaryRetries: 1,
		DialOptions:     append(m.cluster.dialOptions(), more...),
	})
}

// dialOptions are those of every client.
func (c *Real) dialOptions() []grpc.DialOption {
	o := []grpc.DialOption{grpc.WithConnectParams(soon)}
	if c.opt.Virtual {
		o = append(o, grpc.WithContextDialer(c.dialMemory))
	}
	return o
}

// Code is an error's gRPC code, which etcd's errors hide.
func Code(err error) codes.Code {
	var coded interface{ Code() codes.Code } // rpctypes.EtcdError
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return status.Code(err)
}
