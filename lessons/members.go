package lessons

import (
	"context"
	"errors"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// OnCluster starts a cluster of real members, calls do with it, and always stops it
// afterwards. When do is called every member answers clients. Errors: invalid options, a
// failed start, do's error, and a member that did not stop.
func OnCluster(ctx context.Context, o cluster.Options, do func(c *cluster.Real) error) (err error) {
	c, err := cluster.New(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.Start(ctx); err != nil {
		return err
	}
	return do(c)
}

// ClientOf opens a client that knows only the members with these numbers; none: all of
// them. It reconnects soon to a member that came back. Close it before the cluster.
func ClientOf(c *cluster.Real, ids ...sim.MemberID) (*clientv3.Client, error) {
	secrets, err := c.ClientTLS()
	if err != nil {
		return nil, err
	}
	cfg := clientv3.Config{TLS: secrets, Logger: zap.NewNop(), DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, Jitter: 0.2, MaxDelay: 200 * time.Millisecond},
		MinConnectTimeout: time.Second,
	})}}
	for _, m := range c.Members() {
		if len(ids) == 0 || slices.Contains(ids, m.ID) {
			cfg.Endpoints = append(cfg.Endpoints, m.ClientURL())
		}
	}
	return clientv3.New(cfg)
}
