package etcdsim

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/diskfault"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

func TestMeterSaysWhatItsTimesSay(t *testing.T) {
	const us = time.Microsecond
	m := NewMachineMeter("", sim.Distribution{})
	if _, err := m.Machine(); err == nil {
		t.Error("a meter that measured nothing knows the machine")
	}
	// A hundred of each, two of them ten times as long.
	fill := func(d time.Duration) (ts []sim.Took) {
		for i := range 100 {
			took := sim.Took{Begin: time.Duration(i) * measuredEvery, For: d}
			if i == 40 || i == 70 {
				took.For *= 10
			}
			ts = append(ts, took)
		}
		return ts
	}
	x := newMeasurement()
	x.span, x.reads, x.puts, x.messages = time.Second, fill(400*us), fill(2600*us), fill(550*us)
	x.disks[diskfault.Fsync], x.disks[diskfault.Commit] = [][]sim.Took{nil, fill(600 * us)}, [][]sim.Took{fill(900 * us)}
	x.leader = 2 // it has committed nothing
	m.add(x)
	got, err := m.Machine()
	if err != nil {
		t.Fatal(err)
	}
	message := fill(300 * us) // half of what a read, an fsync and two links leave of a put
	for _, i := range []int{40, 70} {
		message[i].For = 300*us + 9*550*us // as much later as it came off its link
	}
	want := sim.Machine{
		Fsync: sim.NewRecording(time.Second, fill(600*us)), Commit: sim.NewRecording(time.Second, fill(900*us)),
		Client: sim.NewRecording(time.Second, fill(200*us)), Hop: sim.NewRecording(time.Second, message),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the machine takes %v, want %v", got, want)
	}
	const says = "fsync p50 600us p99 6ms p99.9 6ms, commit p50 900us p99 9ms p99.9 9ms, " +
		"client p50 200us p99 2ms p99.9 2ms one way, message p50 300us p99 5.25ms p99.9 5.25ms"
	if got.String() != says {
		t.Errorf("the machine says %q, want %q", got, says)
	}
}

// TestMeasurementNotesWhen: what counts is what begins after the warm-up, and the times of one
// measurement lie behind those of the one before.
func TestMeasurementNotesWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		m := NewMachineMeter("", sim.Distribution{})
		for range 2 {
			x := newMeasurement()
			x.message(peerlink.Sent, peerlink.Message{ID: 1})
			<-time.After(ms)
			x.disk(0, diskfault.Fsync, ms) // before it counts
			x.start()
			<-time.After(3 * ms)
			x.disk(0, diskfault.Fsync, 4*ms) // began before
			x.message(peerlink.Delivered, peerlink.Message{ID: 1})
			x.message(peerlink.Sent, peerlink.Message{ID: 2})
			x.message(peerlink.Sent, peerlink.Message{ID: 3})
			<-time.After(2 * ms)
			x.disk(1, diskfault.Fsync, 2*ms)
			x.message(peerlink.Dropped, peerlink.Message{ID: 2})
			x.message(peerlink.Delivered, peerlink.Message{ID: 3})
			begin := time.Now()
			<-time.After(5 * ms)
			x.disk(0, diskfault.Fsync, 7*ms)
			x.took(&x.reads, begin)
			x.stop()
			x.took(&x.reads, begin)
			if len(x.sent) > 0 {
				t.Errorf("messages are kept: %v", x.sent)
			}
			m.add(x)
		}
		for _, c := range []struct {
			what      string
			got, want []sim.Took
		}{
			{"n1's disk", m.disks[diskfault.Fsync][0], []sim.Took{{Begin: 3 * ms, For: 7 * ms}, {Begin: 13 * ms, For: 7 * ms}}},
			{"n2's disk", m.disks[diskfault.Fsync][1], []sim.Took{{Begin: 3 * ms, For: 2 * ms}, {Begin: 13 * ms, For: 2 * ms}}},
			{"messages", m.messages, []sim.Took{{Begin: 3 * ms, For: 2 * ms}, {Begin: 13 * ms, For: 2 * ms}}},
			{"reads", m.reads, []sim.Took{{Begin: 5 * ms, For: 5 * ms}, {Begin: 15 * ms, For: 5 * ms}}},
		} {
			if !reflect.DeepEqual(c.got, c.want) {
				t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
			}
		}
		if m.past != 20*ms {
			t.Errorf("it measured for %v", m.past)
		}
	})
}

// TestReadsThatWaitForACommit are left out, if it is one of the member that was read.
func TestReadsThatWaitForACommit(t *testing.T) {
	const ms = time.Millisecond
	x := newMeasurement()
	x.leader = 1
	x.reads = []sim.Took{{Begin: 0, For: 2 * ms}, {Begin: 10 * ms, For: 6 * ms}, {Begin: 20 * ms, For: ms},
		{Begin: 30 * ms, For: ms}}
	x.disks[diskfault.Commit] = [][]sim.Took{
		{{Begin: 19 * ms, For: 5 * ms}},
		{{Begin: 2 * ms, For: 2 * ms}, {Begin: 9 * ms, For: 6 * ms}, {Begin: 29 * ms, For: 5 * ms}},
	}
	want := []sim.Took{x.reads[0], x.reads[2]}
	if got := x.quietReads(); !reflect.DeepEqual(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}
