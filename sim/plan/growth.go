package plan

import (
	"fmt"
	"math"
	"time"

	"quorumlab/internal/mvccfile"
	"quorumlab/sim"
)

// Growth is how large the database gets.
type Growth struct {
	Answer
	BytesPerSecond float64 `json:"bytes_per_s"`                // that writes add while nothing is compacted
	Live           float64 `json:"live_bytes"`                 // the keys alone, packed
	AfterCompact   float64 `json:"in_use_bytes"`               // just after a compaction
	Peak           float64 `json:"peak_bytes"`                 // the file, with compaction
	Revisions      float64 `json:"revisions"`                  // just before a compaction
	QuotaIn        float64 `json:"quota_in_s"`                 // with compaction, by keys that stay; 0: never
	QuotaWithout   float64 `json:"quota_without_compaction_s"` // when compaction stops; 0: never
	FullAtOnce     bool    `json:"over_quota"`                 // the peak alone is over the quota

	CompactEvery float64 `json:"compact_every_s"`
	DefragPays   bool    `json:"defrag_pays"`    // over half of the file and 100 MB would come back
	DefragPause  float64 `json:"defrag_pause_s"` // of each member, one by one
	Fragmented   float64 `json:"fragmented"`     // share of the file that a defrag would give back

	Curve []SizePoint `json:"curve"` // the file's size until the quota, but for a week at least
}

// SizePoint is the size of the file at a time.
type SizePoint struct {
	Seconds float64 `json:"s"`
	Kept    float64 `json:"compacted_bytes"`
	Without float64 `json:"uncompacted_bytes"`
}

func growth(in *Input) Growth {
	g := Growth{}
	ls, every := loads(in), compactEvery(in)
	var stays, packed float64 // bytes a second that no compaction frees; keys that are never written again
	for _, l := range ls {
		b := mvccfile.Stored(l.Key, l.Value)
		g.BytesPerSecond += l.Rate * b
		g.Live += l.Keys * b
		if l.Name == "new keys" {
			stays += l.Rate * b
		}
		if l.Rate == 0 {
			packed += l.Keys * b
		}
	}
	window := time.Duration(in.History).Seconds()
	g.CompactEvery = every
	r := rest(ls, every)
	g.AfterCompact = window*g.BytesPerSecond + packed + r.bytes
	g.Peak = g.AfterCompact + every*g.BytesPerSecond + r.copied
	for _, l := range ls {
		g.Revisions += l.Keys + l.Rate*(window+every)
	}
	g.quota(float64(in.Quota), stays)
	g.defrag(window)
	g.say(in, stays)
	return g
}

// compactEvery is how often the store is compacted, in seconds: as often as the window is long, but
// at least each hour (etcd's periodic compaction; Kubernetes compacts every 5 minutes).
func compactEvery(in *Input) float64 { return min(time.Duration(in.History), time.Hour).Seconds() }

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
	const begin = 60
	until := max(7*86400, 1.3*g.QuotaIn, 1.3*g.QuotaWithout)
	for i := range 201 {
		t := begin * math.Pow(until/begin, float64(i)/200)
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

// defrag: it pays when over half of the file, and over 100 MB, is free after a compaction.
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
		g.Text = fmt.Sprintf("The file grows to %s, which is over the quota of %s: etcd then refuses writes (NOSPACE). "+
			"Keep less history or write less.", size(g.Peak), size(float64(in.Quota)))
	case stays > 0:
		g.Text = fmt.Sprintf("The file takes %s and grows by %s a day: it is full in %s.", size(g.Peak), size(stays*86400),
			spell(g.QuotaIn))
	}
	if g.QuotaWithout > 0 {
		g.Text += fmt.Sprintf(" Without compaction the quota of %s is reached in %s.", size(float64(in.Quota)),
			spell(g.QuotaWithout))
	}
	if in.Quota > mostQuota {
		g.Text += fmt.Sprintf(" A quota of %s exceeds the 8GiB that etcd suggests as the maximum: etcd starts with a "+
			"warning, but restarts, snapshots and defragmentation take long.", in.Quota)
	}
	g.Text += fmt.Sprintf(" Compact every %s.", spell(g.CompactEvery))
	if g.DefragPays {
		g.Text += fmt.Sprintf(" %.0f%% of the file is free pages; they are reused, so defragment only after the load has "+
			"dropped: followers first, then move the leader. Each member is blocked for %s.", 100*g.Fragmented,
			spell(g.DefragPause))
	} else {
		g.Text += fmt.Sprintf(" No regular defrag is needed; one would block each member for %s.", spell(g.DefragPause))
	}
	g.Rule = "a revision takes its share of a leaf filled to 9/10 (at least 2 keys); peak: the leaves of older " +
		"revisions as compaction thins and bbolt merges them, a window and an interval of writes, and the pages that the " +
		"compactor copies; compaction frees pages inside the file"
	g.Source = "bbolt's split and merge rules, etcd's key layout and compactor; tested against files that etcd's own " +
		"store wrote"
}

// size is a number of bytes for people.
func size(b float64) string { return sim.Size(b).Rounded() }
