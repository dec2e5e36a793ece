package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// A store grows into its quota, and the way out takes four steps.
func ExampleReal_Disarm() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := cluster.New(cluster.Options{Names: []string{"n1"}, Store: sim.StoreSpec{Quota: 1 << 20}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, Logger: zap.NewNop()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for !errors.Is(err, rpctypes.ErrNoSpace) {
		_, err = client.Put(ctx, "big", strings.Repeat(".", 64<<10))
	}
	tryTo := func(step string, err error) {
		if err == nil {
			_, err = client.Put(ctx, "small", ".")
		}
		fmt.Printf("%s, then a put: %v\n", step, err)
	}
	_, err = client.Delete(ctx, "big")
	tryTo("delete", err)
	tryTo("compact", c.Compact(ctx, 0))
	tryTo("defrag", c.Defrag(ctx, 1))
	tryTo("disarm", c.Disarm(ctx))
	// Output:
	// delete, then a put: etcdserver: mvcc: database space exceeded
	// compact, then a put: etcdserver: mvcc: database space exceeded
	// defrag, then a put: etcdserver: mvcc: database space exceeded
	// disarm, then a put: <nil>
}
