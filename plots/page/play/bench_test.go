package play_test

import (
	"context"
	"testing"

	"quorumlab/plots/page/play"
)

// BenchmarkDo is a minute of five members under 100 operations a second: run, judged and packed.
func BenchmarkDo(b *testing.B) {
	const minute = "name: x\ncluster: {members: 5}\nworkload: {clients: 16, rate: 100/s}\nrun: 60s\n"
	for b.Loop() {
		if g, err := play.Do(context.Background(), "v", play.Request{Scenario: minute}); err != nil || g.Error != "" {
			b.Fatal(err, g)
		}
	}
}
