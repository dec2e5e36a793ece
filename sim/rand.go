package sim

import (
	"math/bits"
	"math/rand/v2"
)

// Stream is the random stream of a run with this seed for one use, such as
// "network n1 n2" or "client 3", given in one or more parts. Streams are independent: a
// new draw in one place leaves all others as they were.
func Stream(seed uint64, use ...string) *rand.Rand {
	s := &struct { // in one piece: a run has dozens of them
		source rand.PCG
		stream rand.Rand
	}{}
	s.source.Seed(seed, hash(use))
	s.stream = *rand.New(&s.source)
	return &s.stream
}

// hash is FNV-1a over the parts of a text.
func hash(parts []string) uint64 {
	h := uint64(14695981039346656037)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
	}
	return h
}

// Below draws from [0, n) by integer arithmetic alone, the same on every
// platform. n must be positive.
func Below(r *rand.Rand, n int64) int64 {
	hi, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int64(hi)
}

// Share is a share of a whole in parts per million: 1% is 10,000. As an
// integer, it draws the same on every platform.
type Share int32

// Whole is the share of everything.
const Whole Share = 1_000_000

// Chance draws whether something of this probability happens.
func (s Share) Chance(r *rand.Rand) bool {
	return s > 0 && Below(r, int64(Whole)) < int64(s)
}
