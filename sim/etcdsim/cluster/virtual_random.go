package cluster

import (
	"crypto/rand"
	"io"
	mrand "math/rand/v2"
	"strconv"
	"sync"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// raft draws its election timeouts from crypto/rand.Reader, which is replaced once in a process, by a reader
// that serves goroutines of members in virtual time from the seed and hands everything else to the one
// before it. A member's goroutines are known by their labels, as its disk is.

// seededReader is that reader.
type seededReader struct{ before io.Reader }

func (r seededReader) Read(p []byte) (int, error) {
	if s, ok := streams.Load(diskfault.Goroutine()); ok {
		return s.(*stream).Read(p)
	}
	return r.before.Read(p)
}

// streams are the streams of members that live, *stream by diskfault.Goroutine.
var streams sync.Map

// init, because others may read it at any time later.
func init() { rand.Reader = seededReader{rand.Reader} }

// stream is the random numbers of one life of a member.
type stream struct {
	mu  sync.Mutex
	rnd *mrand.Rand
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range p {
		p[i] = byte(s.rnd.Uint64() >> 56)
	}
	return len(p), nil
}

// serveRandom serves the calling goroutine's member, until stop is called.
func serveRandom(seed uint64, of sim.MemberID) (stop func()) {
	who := diskfault.Goroutine()
	streams.Store(who, &stream{rnd: sim.Stream(seed, "raft", strconv.Itoa(int(of)))})
	return func() { streams.Delete(who) }
}
