package etcdsim_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
)

// TestAnHourInVirtualTime passes to the nanosecond, with a cluster that is idle meanwhile.
func TestAnHourInVirtualTime(t *testing.T) {
	var passed time.Duration
	err := etcdsim.InVirtualTime(t.Context(), func(ctx context.Context, dir string) (err error) {
		c, err := cluster.New(cluster.Options{Names: []string{"n1", "n2", "n3"}, Virtual: true,
			Dir: filepath.Join(dir, "cluster"), Heartbeat: time.Second, Election: 10 * time.Second})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		if err := c.Start(ctx); err != nil {
			return err
		}
		begin := time.Now()
		<-time.After(time.Hour)
		passed = time.Since(begin)
		return nil
	})
	if err != nil || passed != time.Hour {
		t.Errorf("%v passed, with the error %v", passed, err)
	}
}

// TestInVirtualTimeEndsWithItsContext, and its own error comes back, unless that takes more than the second of real
// time that an interrupted user waits.
func TestInVirtualTimeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	inside := errors.New("of what was called")
	err := etcdsim.InVirtualTime(ctx, func(ctx context.Context, _ string) error {
		cancel()
		<-ctx.Done()
		return inside
	})
	if !errors.Is(err, inside) && !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
