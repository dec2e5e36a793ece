package sandbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim/etcdsim"
)

// TestALoadIsNoFault: what clients are asked to do is not among what is wrong.
func TestALoadIsNoFault(t *testing.T) {
	faults, load := wrongAndAsked([]etcdsim.LiveFault{
		{Text: "stop-load"}, {Text: "watch city", Since: time.Second}, {Text: "crash n3", Since: 2 * time.Second},
		{Text: "load 200/s", Since: 3 * time.Second}, {Text: "kubernetes 10 100", Since: 4 * time.Second},
	})
	if want := []FaultJSON{{"crash n3", 2000}}; !slices.Equal(faults, want) {
		t.Errorf("wrong is %v, want %v", faults, want)
	}
	want := []FaultJSON{{"load 200/s", 3000}, {"watch city", 1000}, {"kubernetes 10 100", 4000}}
	if !slices.Equal(load, want) {
		t.Errorf("the load is %v, want %v", load, want)
	}
	s := StatusJSON{Name: "s", Faults: faults, Load: load}
	if text := s.text(); !strings.HasSuffix(text, "\n  crash n3, since 2s\n"+
		"  operations: 0 ok, 0 failed, 0 unknown; load 200/s since 3s, watch city since 1s, kubernetes 10 100 since 4s") {
		t.Errorf("the status is\n%s", text)
	}
}
