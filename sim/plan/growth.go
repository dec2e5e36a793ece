package plan

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat/combin"

	"quorumlab/sim"
)

// Growth is how large the database gets.
type Growth struct {
	Answer
	BytesPerSecond float64 `json:"bytes_per_s"`                // that writes add while nothing is compacted
	Live           float64 `json:"live_bytes"`                 // the keys alone, packed
	AfterCompact   float64 `json:"in_use_bytes"`               // just behind a compaction
	Peak           float64 `json:"peak_bytes"`                 // the file, with compaction
	Revisions      float64 `json:"revisions"`                  // just before a compaction
	QuotaIn        float64 `json:"quota_in_s"`                 // with compaction, by keys that stay; 0: never
	QuotaWithout   float64 `json:"quota_without_compaction_s"` // when compaction stops; 0: never
	FullAtOnce     bool    `json:"over_quota"`                 // the peak alone is over the quota

	CompactEvery float64 `json:"compact_every_s"`
	DefragPays   bool    `json:"defrag_pays"`    // over half of the file and 100 MB would come back
	DefragPause  float64 `json:"defrag_pause_s"` // of each member, one by one
	Fragmented   float64 `json:"fragmented"`     // share of the file that a defrag would give back

	Curve []SizePoint `json:"curve"` // the file's size until the quota, or for a week
}

// SizePoint is the size of the file at a time.
type SizePoint struct {
	Seconds float64 `json:"s"`
	Kept    float64 `json:"compacted_bytes"`
	Without float64 `json:"uncompacted_bytes"`
}

// What a revision takes in bbolt beside its key and value, and how pages fill.
const (
	page        = 4096.0
	pageHeader  = 16.0
	leafElement = 16.0 // of bbolt, for each key
	revisionKey = 17.0 // main_sub, of etcd
	valueFields = 16.0 // tags, lengths and revisions of mvccpb.KeyValue
	fill        = 0.9  // etcd fills the pages of its revisions to this share
	// merge is the share of a page below which bbolt joins it with its neighbour; the
	// two then fill about twice that, and thin out again. Its mean over the decay is
	// (2m - m) / ln 2.
	merge  = 0.25
	merged = merge / math.Ln2
	branch = 1.01 // branch pages, one element a leaf
)

// Stored is how many bytes of the file a revision takes when it is written: its share
// of a leaf that bbolt splits at nine tenths, but not below two keys.
func Stored(key, value float64) float64 {
	raw := leafElement + revisionKey + valueFields + key + value
	keys := math.Max(2, math.Floor((page*fill-pageHeader)/raw))
	return branch * page * math.Ceil((pageHeader+keys*raw)/page) / keys
}

func growth(in *Input) Growth {
	g := Growth{}
	ls, every := loads(in), compactEvery(in)
	var stays float64 // bytes a second that no compaction takes
	for _, l := range ls {
		b := Stored(l.Key, l.Value)
		g.BytesPerSecond += l.Rate * b
		g.Live += l.Keys * b
		if l.Name == "new keys" {
			stays += l.Rate * b
		}
	}
	window := time.Duration(in.History).Seconds()
	g.CompactEvery = every
	rests, copied := resting(ls)
	g.AfterCompact = window*g.BytesPerSecond + rests
	g.Peak = g.AfterCompact + every*g.BytesPerSecond + copied
	for _, l := range ls {
		g.Revisions += l.Keys + l.Rate*(window+every)
	}
	g.quota(float64(in.Quota), stays)
	g.defrag(window)
	g.say(in, stays)
	return g
}

// compactEvery is how often is compacted, in seconds: as often as the window is long, but
// at least each hour (etcd's periodic compaction; Kubernetes compacts every 5 minutes).
func compactEvery(in *Input) float64 { return min(time.Duration(in.History), time.Hour).Seconds() }

// resting is what the pages of the live keys take behind the window. Keys that are never
// written again are packed, and what is larger than a page gives its own pages back. All
// others share leaves: a leaf that was filled at once thins out as its revisions are
// overwritten, until bbolt merges it. So the leaves of an age take all their space while
// more than the merge share is left of it, and then what is left at the density of
// merged leaves. The sum over all ages is the space.
// copied is what a transaction of the compactor writes anew of these leaves before it frees
// the old ones: those of its batch.
func resting(ls []load) (bytes, copied float64) {
	var sharing []load
	longest, perSecond, keys := 0.0, 0.0, 0.0
	for _, l := range ls {
		switch b := Stored(l.Key, l.Value); {
		case l.Keys > 0 && l.Rate == 0 || b > page:
			bytes += l.Keys * b
		default:
			sharing = append(sharing, l)
			perSecond += l.Rate * b
			keys += l.Keys
			longest = max(longest, l.lasts())
		}
	}
	before, shared := 0.0, 0.0
	for _, age := range ages(longest) {
		left, count := 0.0, 0.0 // bytes and revisions, a second
		for _, l := range sharing {
			n := l.Rate * l.left((age+before)/2)
			left += n * Stored(l.Key, l.Value)
			count += n
		}
		if count > 0 {
			shared += perSecond * (age - before) * space(left/perSecond, left/count*fill/page)
		}
		before = age
	}
	if keys > 0 {
		copied = shared * min(1, compactBatch/keys)
	}
	return bytes + shared, copied
}

// compactBatch is how many revisions etcd's compactor goes through in one transaction.
const compactBatch = 1000

// ages are the ends of steps on a logarithmic grid, from a millionth of the longest life of
// a revision to 20 of them.
func ages(longest float64) (ends []float64) {
	if longest == 0 {
		return nil
	}
	for x := -6.0; x <= math.Log10(20); x += 0.005 {
		ends = append(ends, longest*math.Pow(10, x))
	}
	return ends
}

// space is what a leaf's worth of revisions takes of a page when a share is left of it, and
// each of those left is item of a page large. How many are left in a leaf is binomial. An
// empty leaf is freed; one with a single revision, or below the merge share, is joined
// with its neighbour.
func space(left, item float64) (pages float64) {
	slots := max(1, int(math.Round(fill/item)))
	for k := 1; k <= slots; k++ {
		p := float64(combin.Binomial(slots, k)) * math.Pow(left, float64(k)) * math.Pow(1-left, float64(slots-k))
		if used := float64(k) * item; k == 1 && slots > 1 || used <= merge {
			pages += p * min(1, used/merged)
		} else {
			pages += p
		}
	}
	return pages
}

func (g *Growth) quota(quota, stays float64) {
	g.FullAtOnce = g.Peak > quota
	if g.FullAtOnce {
		return
	}
	if stays > 0 {
		g.QuotaIn = (quota - g.Peak) / stays
	}
	if g.BytesPerSecond > 0 {
		g.QuotaWithout = (quota - g.AfterCompact) / g.BytesPerSecond
	}
	until := 7 * 86400.0
	for _, t := range []float64{g.QuotaIn, g.QuotaWithout} {
		if t > 0 && (t < until || t == g.QuotaIn) {
			until = 1.2 * t
		}
	}
	for i := range 101 {
		t := until * float64(i) / 100
		g.Curve = append(g.Curve, SizePoint{t, g.Peak + stays*t, g.AfterCompact + g.BytesPerSecond*t})
	}
}

// What a defrag costs: it copies what is in use.
const (
	defragPerGB   = 4.5 // seconds, of reports with 3.5 to 5
	defragLeast   = 100e6
	defragUsed    = 0.5
	snapshotShare = 1.5 // what recovery takes beyond reading once
)

// defrag: it pays when over half of the file, and over 100 MB, is free behind a compaction.
func (g *Growth) defrag(window float64) {
	if g.Peak == 0 {
		return
	}
	packed := g.Live + window*g.BytesPerSecond
	g.Fragmented = max(0, 1-packed/g.Peak)
	g.DefragPause = packed / 1e9 * defragPerGB
	g.DefragPays = g.Fragmented > 1-defragUsed && g.Peak > defragLeast
}

func (g *Growth) say(in *Input, stays float64) {
	g.Text = fmt.Sprintf("The file grows to %s and stays there (%s live).", size(g.Peak), size(g.Live))
	switch {
	case g.FullAtOnce:
		g.Text = fmt.Sprintf("The file grows to %s: over the quota of %s, and etcd then refuses writes (NOSPACE). Keep less history or write less.", size(g.Peak), size(float64(in.Quota)))
	case stays > 0:
		g.Text = fmt.Sprintf("The file takes %s, and grows by %s a day: full in %s.", size(g.Peak), size(stays*86400), spell(g.QuotaIn))
	}
	if g.QuotaWithout > 0 {
		g.Text += fmt.Sprintf(" Without compaction the quota of %s is full in %s.", size(float64(in.Quota)), spell(g.QuotaWithout))
	}
	g.Text += fmt.Sprintf(" Compact every %s.", spell(g.CompactEvery))
	if g.DefragPays {
		g.Text += fmt.Sprintf(" %.0f%% of the file is free pages; they are used again, so defrag only after a fall of the load, followers first, then move the leader: each member stands still for %s.", 100*g.Fragmented, spell(g.DefragPause))
	} else {
		g.Text += fmt.Sprintf(" No regular defrag is due; one would stop each member for %s.", spell(g.DefragPause))
	}
	g.Rule = "a revision takes its share of a leaf filled to 9/10 (2 keys at least); peak: live keys in thinned pages, window + interval of writes, a batch of compaction; compaction frees pages inside the file"
	g.Source = "bbolt's split and merge rules, etcd's key layout and compactor; tested against files that etcd's own store wrote"
}

// size is a number of bytes for people.
func size(b float64) string { return sim.Size(b).Rounded() }
