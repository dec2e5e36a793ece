package engines_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/raftsim"
)

func TestMain(m *testing.M) {
	cluster.Main() // no run that is killed leaves its folder behind
	os.Exit(m.Run())
}

// etcd's refusals.
const (
	unhealthy   = " -> etcdserver: unhealthy cluster"
	notStarted  = " -> etcdserver: re-configuration failed due to not enough started members"
	notReady    = " -> etcdserver: can only promote a learner member which is in sync with leader"
	notLearner  = " -> etcdserver: can only promote a learner member"
	notFound    = " -> etcdserver: member not found"
	exists      = " -> etcdserver: Peer URLs already exists"
	unfinished  = "unfinished"
	manyAlready = " -> etcdserver: too many learner members in cluster"
)

// membership is what becomes of changes of the members in each situation. A line is a step: when, what, and, behind the
// arrow, in whose words it is refused; without one it is done.
var membership = []struct {
	name, cluster string
	steps         []string
	run           string
}{
	{"members must have been connected for five seconds", "{members: 3}", []string{
		"2s add-learner n4" + unhealthy,
		"8s add-learner n4",
		"9500ms promote n4",
	}, "11s"},
	{"a refusal is no last word with retry", "{members: 3}", []string{
		"2s add-learner n4 retry",
		"2100ms promote n4 retry",
	}, "9s"},
	{"with one of three down the new member could not be done without", "{members: 3}", []string{
		"2s move-leader n1",
		"3s crash n3",
		"9s add-learner n4" + unhealthy,
	}, "10s"},
	{"one of five down", "{members: 5}", []string{
		"2s move-leader n1",
		"3s crash n5",
		"9s add-learner n6",
	}, "11s"},
	{"two of five down", "{members: 5}", []string{
		"2s move-leader n1",
		"3s crash n4 n5",
		"9s add-learner n6" + unhealthy,
		"9500ms remove n3" + unhealthy,
		"10s remove n5",
	}, "11s"},
	{"the dead one may go, the living may not", "{members: 3}", []string{
		"2s move-leader n1",
		"3s crash n3",
		"9s remove n2" + unhealthy,
		"9500ms remove n3",
		"10s remove n2",
		"11s remove n1" + notStarted,
	}, "12s"},
	{"one that was down must be back for five seconds", "{members: 3}", []string{
		"2s move-leader n1",
		"6s crash n3",
		"6500ms restart n3",
		"9s add-learner n4" + unhealthy,
		"13s add-learner n4",
	}, "15s"},
	{"one that stands still or is cut off counts as long as its connections stand", "{members: 3}", []string{
		"2s move-leader n1",
		"4s pause n3",
		"12s add-learner n4",
		"13s remove n4",
		"13500ms resume n3",
		"14s isolate n3",
		"21s add-learner n5",
	}, "23s"},
	{"one that comes back behind a cut is not connected before it heals", "{members: 3}", []string{
		"2s move-leader n1",
		"4s isolate n3",
		"5s crash n3",
		"5500ms restart n3",
		"12s add-learner n4" + unhealthy,
		"13s heal",
		"16s add-learner n4" + unhealthy,
		"19s add-learner n4",
	}, "21s"},
	{"one learner at a time", "{members: 1}", []string{
		"2s add-learner n2",
		"3s add-learner n3" + manyAlready,
		"3500ms promote n3" + notFound,
		"4s promote n2",
		"5s promote n2" + notLearner,
		"5500ms remove n2" + unhealthy,
		"10s remove n2",
	}, "12s"},
	{"as many learners as the setting says", "{members: 1, max-learners: 2}", []string{
		"2s add-learner n2",
		"3s add-learner n3",
		"4s add-learner n4" + manyAlready,
	}, "6s"},
	{"what is done can't be done again", "{members: 3}", []string{
		"7s add-learner n4",
		"10s add-learner n4" + exists, // in one second with the first it would have the same ID
		"11s remove n4",
		"12s remove n4" + notFound,
		"12500ms promote n4" + notFound,
	}, "14s"},
	{"a name may come back, as another member", "{members: 3}", []string{
		"2s move-leader n1",
		"6s remove n3",
		"7s add-learner n3",
		"8s promote n3 retry",
		"9s crash n2", // n1 and n3 are a quorum
		"9500ms put city Oslo",
		"10s restart n2",
		"16s replace n3 n3",
	}, "20s"},
	{"a name comes back while its last bearer stands still", "{members: 3}", []string{
		"2s move-leader n1",
		"3s pause n3",
		"7s remove n3",
		"8s add-learner n3",
		"9s promote n3 retry",
	}, "12s"},
	{"a learner that has nothing gets no vote", "{members: 3, links: [{from: n4, to: all, latency: 300ms}]}", []string{
		"7s add-learner n4",
		"7200ms promote n4" + notReady,
		"7300ms promote n4 retry",
	}, "25s"},
	{"without the check the quorum is lost", "{members: 3, strict-reconfig-check: false}", []string{
		"2s move-leader n1",
		"3s crash n3",
		"4s remove n2",
		"8s add-learner n4 -> " + unfinished,
	}, "10s"},
	{"the last voter stays, even without the check", "{members: 1, strict-reconfig-check: false}", []string{
		"2s remove n1 -> n1 is the only voter",
	}, "3s"},
	{"without the check learners still have to catch up",
		"{members: 3, strict-reconfig-check: false, links: [{from: n4, to: all, latency: 300ms}]}", []string{
			"3s add-learner n4",
			"3200ms promote n4" + notReady,
		}, "5s"},
}

var realTime = flag.Bool("real-time", false, "have the table of membership rules hold on members in real time too")

// TestMembershipIsEtcds: all engines take and refuse the same changes of the members, in the same words.
func TestMembershipIsEtcds(t *testing.T) {
	for _, e := range []sim.Engine{raftsim.Engine{}, etcdsim.Virtual{}, etcdsim.Engine{}} {
		for _, c := range membership {
			t.Run(e.Name()+"/"+c.name, func(t *testing.T) {
				tries := 1
				if e.Name() == "etcd" {
					if !*realTime {
						t.Skip("its servers run in virtual time beside it; with -real-time here too")
					}
					t.Parallel()
					tries = 3 // a busy machine may break a connection, or hold a member up; it does not do so each time
				}
				var wrong []string
				for range tries {
					if wrong = judge(t, e, c.cluster, c.run, c.steps); len(wrong) == 0 {
						return
					}
				}
				t.Error(strings.Join(wrong, "\n"))
			})
		}
	}
}

// judge runs the steps and returns what became of them otherwise than their lines say.
func judge(t *testing.T, e sim.Engine, of, run string, steps []string) (wrong []string) {
	t.Helper()
	file := "cluster: " + of + "\nworkload: {clients: 1, rate: 20/s}\nsteps:\n"
	for _, line := range steps {
		at, do, _ := strings.Cut(line, " ")
		do, _, _ = strings.Cut(do, " -> ")
		file += "  - {at: " + at + ", do: " + do + "}\n"
	}
	s, err := scenarios.Parse("membership.yaml", []byte(file+"run: "+run+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	rec := sim.NewRecorder(sim.AllKinds)
	if err := e.Run(t.Context(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	for i, st := range check.Steps(rec.Trace(s, e.Name(), "test")) {
		if !asTold(steps[i], st) {
			wrong = append(wrong, fmt.Sprintf("%s: it was %s by %q: %s", steps[i], st.Outcome, st.By, st.Why))
		}
	}
	return wrong
}

// asTold reports whether what became of a step is what its line says.
func asTold(line string, st sim.StepResult) bool {
	_, why, refused := strings.Cut(line, " -> ")
	byEtcd := strings.HasPrefix(why, "etcdserver")
	switch {
	case !refused:
		return st.Outcome == sim.StepDone
	case why == unfinished:
		return st.Outcome == sim.StepUnfinished
	}
	return st.Outcome == sim.StepRefused && st.Why == why && byEtcd == (st.By != "")
}
