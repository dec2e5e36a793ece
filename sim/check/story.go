package check

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
)

// Sentence is a part of a run's story.
type Sentence struct {
	At     time.Duration
	Text   string
	Events []uint64 // Seq of the events that it is about, in order
}

// Story tells a run in plain sentences: what the script did, who led then, what the
// clients noticed, and how it ended, a sentence for each moment of the script. The
// verdicts, if given, are told at the end: those that are not good one by one.
//
// A long script is not told in full: of more than ten moments those with the least
// consequences are left out, and the story says so.
func Story(t *sim.Trace, verdicts ...sim.Verdict) []Sentence {
	r := newRun(t)
	eps := r.episodes()
	r.tellLeaders(eps)
	r.tellSnapshots(eps)
	r.tellAlerts(eps)
	r.tellBackups(eps)
	r.tellClients(eps)
	r.tellAccess(eps)
	r.tellStores(eps)
	r.tellLeases(eps)
	r.tellWatches(eps)
	var story []Sentence
	told, left := mostly(eps)
	for _, e := range told {
		story = append(story, e.sentence())
	}
	if left > 0 {
		story = append(story, Sentence{At: eps[len(eps)-1].from, Text: "Left out: " + number(left, "moment") +
			" of the script with lesser consequences."})
	}
	return append(story, r.ending(verdicts)...)
}

// maxEpisodes is how many moments of the script are told.
const maxEpisodes = 10

// episode is a moment of the script and what came of it until the next one.
type episode struct {
	from   time.Duration
	seq    uint64 // the first event
	leads  []string
	events []uint64
	mended bool         // by a statement that is over at once: the ends of others go without saying
	leader led          // who could lead as it began
	found  []*sim.Event // members that took another member for their leader than before

	snapshots        []sim.MemberID // members that got one, the last at
	snapshotAt       time.Duration
	changes, effects []clause // in the cluster; for the clients
	weight           time.Duration
}

// clause is a consequence, at its time.
type clause struct {
	at       time.Duration
	text     string
	stepDown bool
}

// change adds something that happened in the cluster.
func (e *episode) change(at time.Duration, text string, events ...uint64) {
	e.changes = append(e.changes, clause{at: at, text: text})
	e.events = append(e.events, seqs(events...)...)
}

// stepDown adds that a leader gave up its role.
func (e *episode) stepDown(at time.Duration, name string, event uint64) {
	e.changes = append(e.changes, clause{at, name + " stepped down", true})
	e.events = append(e.events, event)
}

// effect adds something that the clients noticed.
func (e *episode) effect(text string, events ...uint64) {
	e.effects = append(e.effects, clause{text: text})
	e.events = append(e.events, seqs(events...)...)
}

// sentence puts the episode together.
func (e *episode) sentence() Sentence {
	parts := []string{strings.Join(e.leads, ", and ")}
	slices.SortStableFunc(e.changes, func(a, b clause) int { return cmp.Compare(a.at, b.at) })
	for _, c := range e.changes {
		after := "at once "
		if d := c.at - e.from; d >= 100*time.Microsecond {
			after = "after " + length(d) + " "
		}
		parts = append(parts, after+c.text)
	}
	for _, c := range e.effects {
		parts = append(parts, c.text)
	}
	slices.Sort(e.events)
	text := strings.Join(parts, "; ") + "."
	if e.seq > 1 {
		text = "At " + moment(e.from) + " " + text
	}
	return Sentence{At: e.from, Text: capital(text), Events: slices.Compact(e.events)}
}

// mostly picks the episodes to tell and counts the rest. The first one is told in
// any case.
func mostly(eps []*episode) (told []*episode, left int) {
	if len(eps) <= maxEpisodes {
		return eps, 0
	}
	byWeight := slices.Clone(eps[1:])
	slices.SortStableFunc(byWeight, func(a, b *episode) int { return -cmp.Compare(a.weight, b.weight) })
	told = append([]*episode{eps[0]}, byWeight[:maxEpisodes-1]...)
	slices.SortFunc(told, func(a, b *episode) int { return cmp.Compare(a.seq, b.seq) })
	return told, len(eps) - len(told)
}

// during is the episode that an event of this number belongs to.
func during(eps []*episode, seq uint64) *episode {
	i, found := slices.BinarySearchFunc(eps, seq, func(e *episode, seq uint64) int { return cmp.Compare(e.seq, seq) })
	if !found {
		i--
	}
	return eps[max(i, 0)]
}

// causing is the episode that something of the clients is put down to: the one in
// which it began, or the next if it was still going on then and would not have been
// remarkable by itself.
func (r *run) causing(eps []*episode, seq uint64, from, to time.Duration) *episode {
	next, _ := slices.BinarySearchFunc(eps, seq+1, func(e *episode, seq uint64) int { return cmp.Compare(e.seq, seq) })
	if next < len(eps) && eps[next].from <= to && eps[next].from-from < r.notable() {
		return eps[next]
	}
	return eps[max(next-1, 0)]
}

// capital makes the first letter of a sentence one.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
