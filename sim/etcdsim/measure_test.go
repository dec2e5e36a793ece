package etcdsim

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/diskfault"
)

func TestMeterSaysWhatItsTimesSay(t *testing.T) {
	const us = time.Microsecond
	m := NewMeter("")
	if _, err := m.Machine(); err == nil {
		t.Error("a meter that measured nothing knows the machine")
	}
	// A hundred of each: the median, and from the 99th on ten times as much.
	fill := func(d time.Duration) (ds []time.Duration) {
		for i := range 100 {
			if i == 40 || i == 70 {
				ds = append(ds, 10*d)
			} else {
				ds = append(ds, d)
			}
		}
		return ds
	}
	m.reads, m.puts = fill(400*us), fill(1600*us)
	m.took[diskfault.Fsync], m.took[diskfault.Commit] = fill(600*us), fill(900*us)
	got, err := m.Machine()
	if err != nil {
		t.Fatal(err)
	}
	law := func(p50, p99 time.Duration) sim.Law { return sim.Law{P50: p50, P99: p99} }
	want := sim.Machine{
		Fsync: law(600*us, 6000*us), Commit: law(900*us, 9000*us), Client: sim.Fixed(200 * us),
		Hop: sim.Fixed(300 * us), // half of what a read and an fsync leave of a put
	}
	if got != want {
		t.Errorf("the machine takes %v, want %v", got, want)
	}
}
