package raftsim

import (
	"fmt"
	"reflect"
	"unsafe"

	"go.etcd.io/raft/v3"
)

// raft keeps its clock private: how many ticks have gone by, and how many it takes
// until the next one has an effect. To skip the ticks between, and to see every
// change of role as it happens, the fields are read where reflection finds them.
// Should a later raft rename one, no run starts and a test fails; a wrong field is
// never read.

// layout holds where the fields are.
var layout struct {
	raft, electionElapsed, heartbeatElapsed, timeout, term, lead, state, isLearner uintptr
}

var layoutErr = findLayout()

func findLayout() error {
	node := reflect.TypeFor[raft.RawNode]()
	f, ok := node.FieldByName("raft")
	if !ok || f.Type.Kind() != reflect.Pointer {
		return fmt.Errorf("raftsim: this version of go.etcd.io/raft/v3 has no field RawNode.raft")
	}
	layout.raft = f.Offset
	for _, want := range []struct {
		name string
		kind reflect.Kind
		at   *uintptr
	}{
		{"electionElapsed", reflect.Int, &layout.electionElapsed},
		{"heartbeatElapsed", reflect.Int, &layout.heartbeatElapsed},
		{"randomizedElectionTimeout", reflect.Int, &layout.timeout},
		{"Term", reflect.Uint64, &layout.term},
		{"lead", reflect.Uint64, &layout.lead},
		{"state", reflect.Uint64, &layout.state},
		{"isLearner", reflect.Bool, &layout.isLearner},
	} {
		g, ok := f.Type.Elem().FieldByName(want.name)
		if !ok || g.Type.Kind() != want.kind {
			return fmt.Errorf("raftsim: this version of go.etcd.io/raft/v3 has no field raft.%s of kind %s", want.name,
				want.kind)
		}
		*want.at = g.Offset
	}
	return nil
}

// peek is a look into one raft.
type peek struct{ p unsafe.Pointer }

func peekInto(n *raft.RawNode) peek {
	return peek{*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(n), layout.raft))}
}

// electionElapsed and heartbeatElapsed may also be written, to skip ticks.
func (k peek) electionElapsed() *int  { return (*int)(unsafe.Add(k.p, layout.electionElapsed)) }
func (k peek) heartbeatElapsed() *int { return (*int)(unsafe.Add(k.p, layout.heartbeatElapsed)) }

func (k peek) timeout() int    { return *(*int)(unsafe.Add(k.p, layout.timeout)) }
func (k peek) term() uint64    { return *(*uint64)(unsafe.Add(k.p, layout.term)) }
func (k peek) lead() uint64    { return *(*uint64)(unsafe.Add(k.p, layout.lead)) }
func (k peek) isLearner() bool { return *(*bool)(unsafe.Add(k.p, layout.isLearner)) }
func (k peek) leads() bool     { return k.state() == raft.StateLeader }
func (k peek) state() raft.StateType {
	return raft.StateType(*(*uint64)(unsafe.Add(k.p, layout.state)))
}
