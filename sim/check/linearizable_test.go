package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"quorumlab/sim"
)

func TestLinearizable(t *testing.T) {
	for _, tt := range []struct {
		name    string
		history func(p *tape)
		ok      bool
		why     string // a part of it
	}{
		{"in sequence", func(p *tape) {
			p.put(1, "k", 1, 2, 5)
			p.get(2, "k", 1, 2, 5)
			p.put(1, "k", 2, 3, 5)
			p.get(2, "k", 2, 3, 5)
		}, true, "4 operations on 1 key have an order"},
		{"stale read", func(p *tape) {
			p.put(1, "k", 1, 2, 5)
			p.put(1, "k", 2, 3, 5)
			p.get(2, "k", 1, 3, 5)
		}, false, "client 2's get of k, asked at 1.01 s, found value 1 at 1.015 s (n1 answered), but client 1's put of " +
			"value 2 to k had replaced that before and was acknowledged at 1.01 s"},
		{"absent after a write", func(p *tape) {
			p.put(1, "k", 1, 2, 5)
			p.get(2, "k", 0, 2, 5)
		}, false, "found nothing at 1.01 s (n1 answered), but client 1's put of value 1 to k had replaced"},
		{"a value from nowhere", func(p *tape) {
			p.get(2, "k", 77, 2, 5)
		}, false, "found value 77 at 1.005 s (n1 answered), which no client had asked to write"},
		{"a read goes back", func(p *tape) {
			w := p.call(1, sim.OpPut, "k", 1, 0)
			p.get(2, "k", 1, 2, 5)
			p.get(3, "k", 0, 1, 5)
			p.back(w, sim.OutcomeOK, 1, 2)
		}, false, "client 3's get of k, asked at 1.005 s, found nothing at 1.01 s (n1 answered), which no order of the " +
			"operations explains"},
		{"concurrent reads may differ", func(p *tape) {
			w := p.call(1, sim.OpPut, "k", 1, 0)
			p.get(3, "k", 0, 1, 5)
			p.get(2, "k", 1, 2, 5)
			p.back(w, sim.OutcomeOK, 1, 2)
		}, true, ""},
		{"a write of unknown outcome shows late", func(p *tape) {
			w := p.call(1, sim.OpPut, "k", 1, 0)
			p.now += 7e9
			p.back(w, sim.OutcomeUnknown, 0, 0)
			p.get(2, "k", 0, 1, 5)
			p.get(2, "k", 1, 2, 5)
		}, true, ""},
		{"a write of unknown outcome shows and goes", func(p *tape) {
			p.call(1, sim.OpPut, "k", 1, 0)
			p.get(2, "k", 1, 2, 5)
			p.get(2, "k", 0, 1, 5)
		}, false, "which no order"},
		{"a refused write shows", func(p *tape) {
			p.back(p.call(1, sim.OpPut, "k", 1, 0), sim.OutcomeFailed, 0, 0)
			p.get(2, "k", 1, 2, 5)
		}, false, "no client had asked to write"},
		{"a compare-and-swap tells what it found", func(p *tape) {
			p.put(1, "k", 1, 2, 5)
			p.put(1, "k", 2, 3, 5)
			p.back(p.call(1, sim.OpCAS, "k", 9, 8), sim.OutcomeMismatch, 1, 3)
		}, false, "client 1's compare-and-swap of k from value 8 to value 9, asked at 1.01 s, found value 1"},
		{"a compare-and-swap succeeds twice", func(p *tape) {
			p.put(1, "k", 1, 2, 5)
			p.back(p.call(1, sim.OpCAS, "k", 2, 1), sim.OutcomeOK, 2, 3)
			p.back(p.call(2, sim.OpCAS, "k", 3, 1), sim.OutcomeOK, 3, 4)
		}, false, "client 2's compare-and-swap of k from value 1 to value 3, asked at 1.005 s, succeeded at 1.005 s"},
		{"a chain of unknown swaps", func(p *tape) {
			p.call(1, sim.OpPut, "k", 1, 0)
			p.call(2, sim.OpCAS, "k", 2, 1)
			p.call(3, sim.OpCAS, "k", 3, 2)
			p.get(4, "k", 3, 9, 5)
		}, true, "4 operations"},
		{"keys are apart", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "b", 2, 3, 5)
			p.get(2, "a", 1, 3, 5)
			p.get(2, "b", 2, 3, 5)
		}, true, "4 operations on 2 keys"},
		{"nothing", func(*tape) {}, true, "not applicable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(3).at(1000)
			tt.history(p)
			v := verdict(t, "linearizable", p.trace())
			if v.OK != tt.ok || v.Unknown || !strings.Contains(v.Why, tt.why) {
				t.Errorf("%v: %s", v.OK, v.Why)
			}
			if !v.OK && len(v.Events) < 2 {
				t.Errorf("evidence %v", v.Events)
			}
		})
	}
}

func TestReadsAreJudgedByWhatTheyPromise(t *testing.T) {
	p := newTape(3).at(1000)
	p.put(1, "k", 1, 2, 5)
	p.put(1, "k", 2, 3, 5)
	p.get(2, "k", 1, 2, 5)
	for mode, ok := range map[sim.ReadMode]bool{sim.ReadLinearizable: false, sim.ReadLease: false,
		sim.ReadSerializable: true} {
		p.Scenario.Workload.Reads = mode
		if v := verdict(t, "linearizable", p.trace()); v.OK != ok {
			t.Errorf("%s reads: %v, %s", mode, v.OK, v.Why)
		}
	}
}

func TestAValueThatWasWrittenTwiceIsSearchedFor(t *testing.T) {
	p := newTape(3).at(1000)
	p.put(1, "k", 1, 2, 5)
	p.put(1, "k", 2, 3, 5)
	p.call(2, sim.OpPut, "k", 1, 0)
	p.get(1, "k", 2, 3, 5)
	p.get(1, "k", 1, 4, 5)
	if v := verdict(t, "linearizable", p.trace()); !v.OK {
		t.Errorf("%+v", v)
	}
	p.get(1, "k", 2, 3, 5)
	if v := verdict(t, "linearizable", p.trace()); v.OK || v.Unknown || !strings.Contains(v.Why, "client 1's get of k, "+
		"asked at 1.02 s") {
		t.Errorf("%+v", v)
	}
}

// A history that takes more work than allowed: many writes at once, some of the
// same value, and a read at the end that none of their orders explains.
func TestASearchThatIsTooLongIsUndecided(t *testing.T) {
	p := newTape(3).at(1000)
	var ids []uint64
	for i := range 12 {
		ids = append(ids, p.call(i+1, sim.OpPut, "k", uint64(i/2+1), 0))
	}
	for i, id := range ids {
		p.back(id, sim.OutcomeOK, uint64(i/2+1), uint64(i+2))
	}
	p.get(1, "k", 99, 20, 5)
	p.put(1, "other", 100, 21, 5)
	r := newRun(p.trace())
	if v := r.linearizable(10_000); v.OK || !v.Unknown || !strings.Contains(v.Why, "undecided: k was written") {
		t.Errorf("%+v", v)
	}
	if v := r.linearizable(searchBudget); v.OK || v.Unknown || !strings.Contains(v.Why, "value 99") {
		t.Errorf("%+v", v)
	}
}

// randomHistory draws a short history of one key, with clients that may crash out
// of an operation and answers that may be wrong.
var randomHistory = rapid.Custom(func(t *rapid.T) *tape {
	p := newTape(3)
	open := map[int]uint64{} // by client
	next := uint64(1)
	for range rapid.IntRange(1, 14).Draw(t, "events") {
		client := rapid.IntRange(1, 4).Draw(t, "client")
		id, busy := open[client]
		if !busy {
			kind := rapid.SampledFrom([]sim.OpKind{sim.OpPut, sim.OpGet, sim.OpGet, sim.OpCAS}).Draw(t, "kind")
			value, old := uint64(0), uint64(0)
			if kind.IsWrite() {
				value = next
				next++
			}
			if kind == sim.OpCAS {
				old = rapid.Uint64Range(0, next).Draw(t, "old")
			}
			open[client] = p.call(client, kind, "k", value, old)
			continue
		}
		delete(open, client)
		kind := p.Events[slices.IndexFunc(p.Events, func(e sim.Event) bool {
			return e.Kind == sim.KindCall &&
				e.ID == id
		})].Op
		results := []sim.Outcome{sim.OutcomeOK, sim.OutcomeOK, sim.OutcomeUnknown, sim.OutcomeFailed}
		if kind == sim.OpCAS {
			results = append(results, sim.OutcomeMismatch)
		}
		p.back(id, rapid.SampledFrom(results).Draw(t, "result"), rapid.Uint64Range(0, next).Draw(t, "value"), 0)
	}
	return p
})

// dumbLinearizable tries every order of the operations, writes of unknown outcome
// in every place and left out.
func dumbLinearizable(ops []op) bool {
	var try func(left []op, value uint64) bool
	try = func(left []op, value uint64) bool {
		settled := true
		for _, o := range left {
			settled = settled && !o.answered()
		}
		if settled {
			return true
		}
		for i, o := range left {
			if slices.ContainsFunc(left, func(b op) bool { return b.answered() && b.ret.Seq < o.call.Seq }) {
				continue // that one comes before
			}
			rest := slices.Delete(slices.Clone(left), i, i+1)
			next, possible := value, true
			switch found, looks := o.read(); {
			case looks && found != value, o.outcome() == sim.OutcomeFailed:
				possible = false
			case o.outcome() == sim.OutcomeUnknown && o.call.Op == sim.OpCAS && o.call.Old != value:
				possible = false
			case o.call.Op.IsWrite() && o.outcome() != sim.OutcomeMismatch:
				next = o.call.Value
			}
			if possible && try(rest, next) {
				return true
			}
		}
		return false
	}
	return try(ops, 0)
}

// judgeThrice decides a history by zones, by porcupine and by trying every order,
// and says where they part.
func judgeThrice(p *tape) (good bool, err error) {
	r := newRun(p.trace())
	v := r.linearizable(searchBudget)
	if v.Unknown {
		return false, fmt.Errorf("undecided: %s", v.Why)
	}
	if dumb := dumbLinearizable(r.ops()); dumb != v.OK {
		return v.OK, fmt.Errorf("trying every order says %v, the check says %s", dumb, v.Why)
	}
	budget := searchBudget
	if searched := r.keyHistories()[0].search(&budget); (searched == possible) != v.OK {
		return v.OK, fmt.Errorf("porcupine says %v, the check says %s", searched, v.Why)
	}
	return v.OK, nil
}

func TestLinearizableAgreesWithTryingEveryOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if _, err := judgeThrice(randomHistory.Draw(t, "history")); err != nil {
			t.Fatal(err)
		}
	})
}

// The comparison shows something only if many random histories have an order, and
// many have none.
func TestRandomHistoriesAreGoodAndBad(t *testing.T) {
	good := 0
	for seed := range 300 {
		ok, err := judgeThrice(randomHistory.Example(seed))
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			good++
		}
	}
	if good < 50 || good > 250 {
		t.Errorf("%d of 300 histories are good", good)
	}
}

func BenchmarkLinearizable(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("10000 operations of %d clients on a key", clients), func(b *testing.B) {
			tr := busy(10_000, clients, 1)
			for b.Loop() {
				if v := newRun(tr).linearizable(searchBudget); !v.OK {
					b.Fatal(v.Why)
				}
			}
		})
	}
}

// busy is a correct history: each operation takes effect when it returns, and as
// many are always under way as there are clients.
func busy(n, clients, keys int) *sim.Trace {
	p := newTape(3)
	r := sim.Stream(1, "busy")
	type flight struct {
		id  uint64
		key string
		get bool
		val uint64
	}
	content := map[string]uint64{}
	var open []flight
	for i := range n + clients {
		if len(open) == clients || i >= n {
			at := int(sim.Below(r, int64(len(open))))
			f := open[at]
			open = slices.Delete(open, at, at+1)
			if !f.get {
				content[f.key] = f.val
			}
			p.now += 1e5
			p.add(sim.Event{Kind: sim.KindReturn, ID: f.id, Client: uint32(f.id%uint64(clients)) + 1, Key: f.key,
				Result: sim.OutcomeOK,
				Op:     map[bool]sim.OpKind{true: sim.OpGet, false: sim.OpPut}[f.get], Value: content[f.key], Revision: uint64(i),
				Member: 1})
		}
		if i < n {
			p.op++
			f := flight{p.op, fmt.Sprintf("k%d", sim.Below(r, int64(keys))), sim.Below(r, 2) == 0, p.op}
			e := sim.Event{Kind: sim.KindCall, ID: f.id, Client: uint32(f.id%uint64(clients)) + 1, Key: f.key, Op: sim.OpGet}
			if !f.get {
				e.Op, e.Value = sim.OpPut, f.val
			}
			p.add(e)
			open = append(open, f)
		}
	}
	return p.trace()
}
