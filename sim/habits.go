package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// Habits are how clients choose their keys and their moments. The zero value is keys that are all equally likely, and
// clients that never rest. Declared here, they pass as one from the scenario's file to the engines.
type Habits struct {
	// How unevenly the keys are used: the exponent of Zipf's law, from 0 (all alike) to 2. With 0.99, as in YCSB, the
	// first of 1000 keys gets an eighth of the operations. Default: 0.
	Skew Skew `yaml:"skew,omitempty" json:",omitzero"`
	// How long a client rests between an answer and its next operation, when there is no rate. Default: 0s.
	Think Distribution `yaml:"think,omitempty" json:",omitzero"`
	// The time to live of the leases of the load (mix: {lease: 5}), in whole seconds. Default: 5s.
	LeaseTTL TTL `yaml:"lease-ttl,omitempty" json:",omitzero"`
}

// LeaseTime is the time to live of the load's leases.
func (h Habits) LeaseTime() TTL {
	if h.LeaseTTL > 0 {
		return h.LeaseTTL
	}
	return TTL(5 * time.Second)
}

// Skew is the exponent of Zipf's law in hundredths: the key with the number i, counted from 1, gets a share of the
// operations in proportion to 1/i^skew (Cooper et al., Benchmarking Cloud Serving Systems with YCSB, 2010).
type Skew int16

// maxSkew is 2: beyond, the first two keys get nearly everything.
const maxSkew Skew = 200

// MarshalText writes the exponent.
func (s Skew) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s)/100, 'f', -1, 64), nil
}

// UnmarshalText reads an exponent of at most two decimals.
func (s *Skew) UnmarshalText(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	*s = Skew(100*min(max(f, 0), 2) + 0.5)
	if back, _ := s.MarshalText(); err != nil || f != mustFloat(back) {
		return fmt.Errorf(`%q is not a skew: write a number from 0 to 2 with at most two decimals, like "0.99"`, b)
	}
	return nil
}

func mustFloat(b []byte) float64 {
	f, _ := strconv.ParseFloat(string(b), 64) // it was just written
	return f
}

// KeyDraw draws the keys of a workload's operations, by number from 0. Its zero value draws none.
type KeyDraw struct {
	keys int64
	sums []uint64 // of the weights up to each key; nil: all keys alike
}

// KeyDraw makes the draw. Its weights come of integer arithmetic alone, the same on every platform.
func (w *Workload) KeyDraw() KeyDraw {
	d := KeyDraw{keys: int64(w.Keys)}
	if w.Skew <= 0 {
		return d
	}
	const first = 42 << 24 // the first key's weight in log2's fixed point: a million of them fit in 62 bits
	sum := uint64(0)
	for i := range w.Keys {
		sum += exp2(first - int64(w.Skew)*log2(uint64(i+1))/100)
		d.sums = append(d.sums, sum)
	}
	return d
}

// Draw draws one.
func (d KeyDraw) Draw(r *rand.Rand) int64 {
	if d.sums == nil {
		return Below(r, d.keys)
	}
	at := uint64(Below(r, int64(d.sums[len(d.sums)-1])))
	n, found := slices.BinarySearch(d.sums, at)
	if found {
		n++ // the sums are the first numbers of the next keys
	}
	return int64(n)
}
