package etcdsim_test

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim/etcdsim"
)

// Three members, one write, and what is left of it when one member has crashed.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := etcdsim.New(etcdsim.Options{Names: []string{"n1", "n2", "n3"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints: []string{c.Member(1).ClientURL(), c.Member(2).ClientURL()},
		Logger:    zap.NewNop(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	if _, err := client.Put(ctx, "city", "Oslo"); err != nil {
		fmt.Println(err)
	}
	c.Member(3).Crash()
	r, err := client.Get(ctx, "city")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, with %v of 3 members up\n", r.Kvs[0].Value, up(c))
	// Output: Oslo, with 2 of 3 members up
}

func up(c *etcdsim.Cluster) (n int) {
	for _, m := range c.Members() {
		if m.Up() {
			n++
		}
	}
	return n
}
