package etcdsim

import (
	"reflect"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/diskfault"
)

func TestMeterSaysWhatItsTimesSay(t *testing.T) {
	const us = time.Microsecond
	m := NewMeter("", sim.Law{})
	if _, err := m.Machine(); err == nil {
		t.Error("a meter that measured nothing knows the machine")
	}
	// A hundred of each, two of them ten times as long.
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
	m.reads, m.puts = fill(400*us), fill(2600*us)
	m.took[diskfault.Fsync], m.took[diskfault.Commit] = fill(600*us), fill(900*us)
	got, err := m.Machine()
	if err != nil {
		t.Fatal(err)
	}
	want := sim.Machine{
		Fsync: sim.TimesOf(fill(600 * us)), Commit: sim.TimesOf(fill(900 * us)), Client: sim.Fixed(200 * us),
		Hop: sim.Fixed(300 * us), // half of what a read, an fsync and two links leave of a put
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the machine takes %v, want %v", got, want)
	}
	const says = "fsync p50 600us p99 6ms p99.9 6ms, commit p50 900us p99 9ms p99.9 9ms, client 200us one way, message 300us"
	if got.String() != says {
		t.Errorf("the machine says %q, want %q", got, says)
	}
}
