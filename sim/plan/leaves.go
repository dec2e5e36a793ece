package plan

import (
	"math"
	"math/rand/v2"
	"slices"

	"quorumlab/internal/mvccfile"
	"quorumlab/sim"
)

// Compaction deletes revisions that were overwritten, and their leaves thin out.
const fillDelete = 0.5 // a transaction that only deletes splits at bbolt's default

// item is a revision in a leaf.
type item struct {
	class int
	size  float64
	dies  float64 // age in seconds, counted back from a compaction's revision, at which it goes
}

// leaf is a node of bbolt's tree that holds revisions.
type leaf struct {
	items []item
	size  float64 // with its header
	dirty bool    // written anew by the compaction under way
	was   float64 // real pages before it
}

func (l *leaf) pages() float64 { return math.Ceil(l.size / mvccfile.Page) }

func (l *leaf) append(items ...item) {
	for _, i := range items {
		l.items = append(l.items, i)
		l.size += i.size
	}
}

// rests is what the leaves behind the window take just after a compaction, and what the
// compactor's transactions take beyond that while they run, in bytes.
type rests struct{ bytes, copied float64 }

// sampled is how many revisions the model follows.
const sampled = 8000

// rest follows a sample of the revisions of one interval between compactions, from
// when they leave the window until the last is gone. Just after a compaction the file
// holds such an interval of every age, so the sum over their lives is what remains.
func rest(ls []load, every float64) rests {
	s := newStretch(ls, every)
	var steps []compaction
	pages := 0.0
	for age := 0.0; len(s.leaves) > 0; {
		span := math.Max(1, math.Floor(age/20)) // what is old changes slowly
		c := s.compact(age, span)
		steps = append(steps, c)
		pages += c.rest * c.span
		age += span
	}
	return rests{bytes: mvccfile.Branch * mvccfile.Page * pages, copied: mvccfile.Branch * mvccfile.Page * copied(steps)}
}

// stretch is the leaves of one interval.
type stretch struct {
	leaves []*leaf
	every  float64   // seconds
	weight []float64 // real revisions for each that is followed, by class
	busy   float64   // probability that a transaction of the compactor also has writes
	draw   *rand.Rand
}

// newStretch writes the revisions. Classes that are rare but live long are followed more
// closely than their share: among the others they still stand so far apart that each
// outlives its neighbours.
func newStretch(ls []load, every float64) *stretch {
	s := &stretch{every: every, draw: sim.Stream(1, "plan leaves"), weight: make([]float64, len(ls))}
	share, rate, total := make([]float64, len(ls)), 0.0, 0.0
	for _, l := range ls {
		rate += l.Rate
	}
	if rate == 0 {
		return s
	}
	for i, l := range ls {
		share[i] = l.Rate
		if l.lasts() > 0 {
			share[i] = max(l.Rate, rate/50)
		}
		total += share[i]
	}
	for i, l := range ls {
		if l.Rate > 0 {
			s.weight[i] = l.Rate * every / (sampled * share[i] / total)
		}
	}
	s.busy = 1 - math.Exp(-rate*compactSleep)
	for range sampled {
		c := pick(s.draw, share, total)
		s.write(item{c, mvccfile.Raw(ls[c].Key, ls[c].Value), ls[c].lives(s.draw)})
	}
	return s
}

// write puts a revision behind the last, in a new leaf when the last is filled.
func (s *stretch) write(i item) {
	n := len(s.leaves)
	if n == 0 || len(s.leaves[n-1].items) >= 2 && s.leaves[n-1].size+i.size > mvccfile.Page*mvccfile.FillPut {
		s.leaves = append(s.leaves, &leaf{size: mvccfile.PageHeader})
		n++
	}
	s.leaves[n-1].append(i)
}

// compactSleep is how long etcd's compactor waits between two batches, in seconds.
const compactSleep = 0.01

// compactBatch is how many revisions etcd's compactor goes through in one transaction.
const compactBatch = 1000

// pick draws a class by its share.
func pick(r *rand.Rand, share []float64, total float64) int {
	x := r.Float64() * total
	for i, s := range share {
		if x -= s; x < 0 {
			return i
		}
	}
	return len(share) - 1
}

// compaction is what one compaction does to a stretch: its revisions before it, its pages
// behind it, those written anew and those given up, all as real ones. It stands for
// span compactions in a row.
type compaction struct{ span, revisions, rest, written, freed float64 }

// compact deletes what dies until an age, given in intervals, and has bbolt balance the
// leaves. The revisions left the window one after the other during the interval.
func (s *stretch) compact(age, span float64) compaction {
	c := compaction{span: span}
	n := float64(len(s.leaves))
	for i, l := range s.leaves {
		left := (age + span - 1 + (float64(i)+0.5)/n) * s.every
		for _, it := range l.items {
			c.revisions += s.weight[it.class]
		}
		l.was = s.real(l)
		if l.delete(left) {
			c.freed += l.was
		}
	}
	c.freed += s.balance()
	for _, l := range s.leaves {
		c.rest += s.real(l)
		if l.dirty {
			c.written += s.real(l)
		}
	}
	return c
}

// delete takes out what is older than it lives, and reports whether anything was.
func (l *leaf) delete(age float64) bool {
	old := *l
	l.items, l.size = l.items[:0], mvccfile.PageHeader
	for _, it := range old.items {
		if it.dies > age {
			l.append(it)
		}
	}
	l.dirty = len(l.items) < len(old.items)
	return l.dirty
}

// real is how many real pages a leaf's pages stand for: each revision has its part of
// them.
func (s *stretch) real(l *leaf) (pages float64) {
	for _, it := range l.items {
		pages += it.size * s.weight[it.class]
	}
	return pages * l.pages() / (l.size - mvccfile.PageHeader)
}

// balance joins leaves as bbolt does (node.go, rebalance and split): one that lost a
// revision and is below half of the fill share, or has a single revision left, goes into its
// left neighbour; a leaf of more than a page is split. It returns the real pages that
// neighbours give up. The fill share is that of etcd's writes in a transaction that has some.
func (s *stretch) balance() (freed float64) {
	var out []*leaf
	for _, l := range s.leaves {
		fill := fillDelete
		if s.draw.Float64() < s.busy {
			fill = mvccfile.FillPut
		}
		switch {
		case len(l.items) == 0:
		case l.dirty && len(out) > 0 && (l.size <= mvccfile.Page*fill/2 || len(l.items) <= 1):
			into := out[len(out)-1]
			if !into.dirty {
				freed += into.was
			}
			into.append(l.items...)
			into.dirty = true
		default:
			out = append(out, l)
		}
	}
	s.leaves = nil
	for _, l := range out {
		s.leaves = append(s.leaves, split(l)...)
	}
	return freed
}

// split is bbolt's: a leaf of more than a page and more than four revisions is cut where
// its first part is half full.
func split(l *leaf) (parts []*leaf) {
	for l.size >= mvccfile.Page && len(l.items) > 4 {
		a, b := &leaf{size: mvccfile.PageHeader, dirty: l.dirty}, &leaf{size: mvccfile.PageHeader, dirty: l.dirty}
		i := 0
		for ; i < len(l.items)-2 && (i < 2 || a.size+l.items[i].size <= mvccfile.Page*fillDelete); i++ {
			a.append(l.items[i])
		}
		b.append(l.items[i:]...)
		parts, l = append(parts, a), b
	}
	return append(parts, l)
}

// copied is the most pages that the compactor's transactions take beyond what the leaves
// take before it: a transaction writes its leaves anew, and frees the old ones with its end.
// The oldest leaves come first.
func copied(steps []compaction) (most float64) {
	var revisions, extra, frees float64 // of the transaction under way
	for _, c := range slices.Backward(steps) {
		all := c.revisions * c.span
		for left := 1.0; left > 1e-9; {
			part := min(left, (compactBatch-revisions)/all)
			left -= part
			revisions += part * all
			extra += part * c.written
			frees += part * c.freed
			if revisions >= compactBatch*(1-1e-9) {
				most = max(most, extra)
				revisions, extra, frees = 0, extra-frees, 0
			}
		}
	}
	return max(most, extra)
}
