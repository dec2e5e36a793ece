package etcdsim

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quorumlab/sim/etcdsim/cluster"
)

// TestMain fails when any test leaves a goroutine behind.
func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

// contextFor ends after the time that a test waits for what must happen, on a machine that may be busy.
func contextFor(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
