package etcdsim

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// find is the first event of a kind from a place on, which must be there.
func find(t *testing.T, tr *sim.Trace, k sim.Kind, from int) (sim.Event, int) {
	t.Helper()
	for i := from; i < len(tr.Events); i++ {
		if tr.Events[i].Kind == k {
			return tr.Events[i], i
		}
	}
	t.Fatalf("there is no event of kind %v from %d on", k, from)
	return sim.Event{}, 0
}

// A script saves, compares, restores and damages, and the trace tells it in order.
func TestBackupsInARun(t *testing.T) {
	s := scenario(t, 3, time.Hour, "0s restore")
	s.Workload.Keys = 1
	l, events, end := openToWait(t, s)
	for _, step := range []struct {
		line  string
		until sim.Kind // in the trace before the next
	}{
		{"watch k0", sim.KindWatchEvent}, {"snapshot", sim.KindSnapshotSaved}, {"compare-hashes", sim.KindHash},
		{"crash n2", sim.KindCrashed}, {"restore 1000", sim.KindWatchEnded}, {"corrupt n3", sim.KindDamaged},
		{"crash n3", sim.KindCrashed}, {"restart n3", sim.KindPanicked},
	} {
		if err := begin(t, l, step.line); err != nil {
			t.Fatalf("%s: %v", step.line, err)
		}
		events.until(t, l, 1, step.until)
	}
	tr := end()
	for _, e := range tr.Events {
		if e.Kind == sim.KindFaultFailed && e.Count != 1 {
			t.Error(e.Note)
		}
	}
	if e, _ := find(t, tr, sim.KindFaultFailed, 0); e.Note != "restore: there is no snapshot to restore from" {
		t.Errorf("a restore from nothing says %q", e.Note)
	}
	begun, at := find(t, tr, sim.KindWatchBegun, 0)
	event, _ := find(t, tr, sim.KindWatchEvent, at)
	if event.Revision < begun.Revision || event.Value == 0 || event.Key != "k0" || event.Client != begun.Client {
		t.Errorf("the watch begins with %+v, and the first event is %+v", begun, event)
	}
	saved, at := find(t, tr, sim.KindSnapshotSaved, at)
	hash, at := find(t, tr, sim.KindHash, at)
	if other := tr.Events[at+1]; hash.ID != 1 || other.Kind != sim.KindHash || other.Value != hash.Value ||
		other.Revision != hash.Revision {
		t.Errorf("the hashes are %+v and %+v", hash, other)
	}
	made, at := find(t, tr, sim.KindNewCluster, at)
	if made.Old != saved.Revision || made.Revision != saved.Revision+1000 || made.Count != 1 {
		t.Errorf("of %+v came %+v", saved, made)
	}
	started, at := find(t, tr, sim.KindStarted, at)
	if started.Seq != made.Seq+1 {
		t.Errorf("between the new cluster and its first start something happens: %+v", tr.Events[made.Seq])
	}
	if over, _ := find(t, tr, sim.KindFaultEnded, at); over.Note != "crash n2" {
		t.Errorf("the restore started n2, but what ended is %q", over.Note)
	}
	ended, at := find(t, tr, sim.KindWatchEnded, at)
	if ended.Result != sim.OutcomeFailed || ended.Revision != made.Revision || !strings.Contains(ended.Note, "compacted") {
		t.Errorf("the watch ends with %+v", ended)
	}
	_, at = find(t, tr, sim.KindDamaged, at)
	dead, _ := find(t, tr, sim.KindPanicked, at)
	if dead.Member != 3 || !strings.Contains(dead.Note, "crc mismatch") {
		t.Errorf("the member with the damaged log: %+v", dead)
	}
	var first uint64
	for _, e := range tr.Events {
		if e.Kind == sim.KindReturn && e.Seq > made.Seq && e.Op.IsWrite() && e.Result == sim.OutcomeOK && first == 0 {
			first = e.Revision
		}
	}
	if first <= made.Revision {
		t.Errorf("the first write after the restore has revision %d, and the new cluster began at %d", first, made.Revision)
	}
	if n := len(leaders(tr)); n == 0 {
		t.Error("nobody led")
	}
}

// The last member goes on alone; the others are out, and one that is started hears of it.
func TestForceNewClusterInARun(t *testing.T) {
	s := scenario(t, 3, 3*time.Second, "500ms force-new-cluster n1", "1s crash all", "1200ms force-new-cluster n2",
		"2500ms restart n1")
	tr := trace(t, s)
	const alone = "this takes the data of one member, when all are down"
	if e, _ := find(t, tr, sim.KindFaultFailed, 0); !strings.Contains(e.Note, alone) {
		t.Errorf("with all up it says %q", e.Note)
	}
	made, at := find(t, tr, sim.KindNewCluster, 0)
	if made.Member != 2 || made.Old != 0 {
		t.Errorf("the new cluster is %+v", made)
	}
	if e, _ := find(t, tr, sim.KindCrashed, at); e.Member != 1 || e.Note != "removed from the cluster" {
		t.Errorf("a member of the old cluster: %+v", e)
	}
	if n := count(tr, func(e sim.Event) bool {
		return e.Kind == sim.KindReturn && e.Op.IsWrite() && e.Result == sim.OutcomeOK && e.Seq > made.Seq && e.Member == 2
	}); n == 0 {
		t.Error("nothing was written after it")
	}
}

// etcd's own check raises the alarm, and the trace says for whom.
func TestCorruptAlarmInARun(t *testing.T) {
	s := scenario(t, 3, 4*time.Second, "500ms put mark here", "1s corrupt-db n2")
	s.Cluster.Store.CorruptCheck = time.Second
	s.Workload.Mix = sim.Mix{Put: 100}
	tr := trace(t, s)
	alarm, _ := find(t, tr, sim.KindAlarm, 0)
	if alarm.Count != sim.AlarmCorrupt || alarm.Value != 1 {
		t.Errorf("the alarm is %+v", alarm)
	}
	lead := leaders(tr)
	if ledByVictim := len(lead) == 1 && lead[2] == 2; !ledByVictim && alarm.Member != 2 {
		t.Errorf("the alarm is for %v", alarm.Member)
	}
	for _, e := range tr.Events {
		if e.Kind == sim.KindReturn && e.Result == sim.OutcomeUnknown && strings.Contains(e.Note, "corrupt") {
			t.Errorf("a write that the alarm refused has an unknown outcome: %+v", e)
		}
	}
}
