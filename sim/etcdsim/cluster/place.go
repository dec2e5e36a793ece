package cluster

import (
	"context"
	"net"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/clientport"
)

// Standpoint is where a client stands: which members it knows, and the ways that its bytes take.
type Standpoint struct {
	Members          []sim.MemberID
	Way              func(sim.MemberID) *clientport.Way
	KeepAlive        time.Duration // 0: it never asks whether a connection stands
	KeepAliveTimeout time.Duration
}

// Away is the address that a connection of a client with a place leads to.
type Away sim.MemberID

// Network is how it is reached.
func (Away) Network() string { return "way" }

// String is the member's name by default.
func (a Away) String() string { return sim.MemberID(a).String() }

// ClientAt opens a client that stands at a place, with etcd's own balancer over its endpoints. It does not retry by
// itself what a caller would have to know of. Close it, and End its ways after that. The error is that of the cluster's
// certificates.
func (c *Real) ClientAt(p Standpoint, more ...grpc.DialOption) (*clientv3.Client, error) {
	secrets, err := c.ClientTLS()
	if err != nil {
		return nil, err
	}
	cfg := clientv3.Config{TLS: secrets, Logger: zap.NewNop(), MaxUnaryRetries: 1,
		DialKeepAliveTime: p.KeepAlive, DialKeepAliveTimeout: p.KeepAliveTimeout}
	at := map[string]*Member{}
	for _, id := range p.Members {
		m := c.Member(id)
		cfg.Endpoints = append(cfg.Endpoints, m.ClientURL())
		at[m.clients.Addr()] = m
	}
	dial := func(ctx context.Context, addr string) (net.Conn, error) {
		m := at[addr]
		if m == nil {
			return nil, &net.AddrError{Err: "no member is there", Addr: addr}
		}
		return p.Way(m.ID).Dial(ctx, Away(m.ID), func(ctx context.Context) (net.Conn, error) {
			if port, ok := m.clients.(*clientport.ClientMemory); ok {
				return port.Dial(ctx)
			}
			var d net.Dialer
			return d.DialContext(ctx, "tcp", m.clients.Addr())
		})
	}
	cfg.DialOptions = append(c.dialOptions(), append(more, grpc.WithContextDialer(dial))...)
	return clientv3.New(cfg)
}
