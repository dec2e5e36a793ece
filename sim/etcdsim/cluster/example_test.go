package cluster_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim/etcdsim/cluster"
)

// Three members, one write, and what is left of it when one member has crashed.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := cluster.New(cluster.Options{Names: []string{"n1", "n2", "n3"}})
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

// A snapshot, a write after it, and a new cluster from the snapshot: the write is gone.
func ExampleReal_Restore() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := cluster.New(cluster.Options{Names: []string{"n1", "n2", "n3"}, Heartbeat: 50 * time.Millisecond,
		Election: 500 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	// What this client hears, member 1 has: another member may be a moment behind.
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, Logger: zap.NewNop()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	if _, err := client.Put(ctx, "city", "Oslo"); err != nil {
		fmt.Println(err)
	}
	saved, err := c.Snapshot(ctx, 1, filepath.Join(dir, "snapshot.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Put(ctx, "city", "Rome"); err != nil {
		fmt.Println(err)
	}
	if err := c.Restore(ctx, saved.File, 1000); err != nil {
		fmt.Println(err)
		return
	}
	r, err := client.Get(ctx, "city")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("saved at revision %d, restored at %d: %s\n", saved.Revision, r.Header.Revision, r.Kvs[0].Value)
	// Output: saved at revision 2, restored at 1002: Oslo
}

func up(c *cluster.Real) (n int) {
	for _, m := range c.Members() {
		if m.Up() {
			n++
		}
	}
	return n
}
