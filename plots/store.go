package plots

import (
	"slices"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "store",
		Title: "How large each member's database file is, and how much of it is in use",
		About: "Solid: the file. Dashed: the part in use. The space between them is free for new pages, but does not go " +
			"back to the disk until a defragmentation, during which the member answers nobody. " +
			"bbolt counts freed pages at the next commits: while nobody can write, the dashed line lags behind. " +
			"The row on top shows compactions, defragmentations, and when the cluster refused writes for lack of space.",
		Order:  55,
		Points: storeSizes,
	})
}

// storePoints are the members' database files over time.
type storePoints struct {
	Members     []string
	Quota       sim.Size // 0: none is near
	Files       [][]storePoint
	Defrags     []storeSpan
	Full        []storeSpan // a NOSPACE alarm was on; Member is 0
	Compactions []time.Duration
}

// StorePoint: from At on the file has Size bytes, of which InUse are in use.
type storePoint struct {
	At          time.Duration
	Size, InUse sim.Size
}

// storeSpan is a time in which something was so for a member.
type storeSpan struct {
	Member   sim.MemberID
	From, To time.Duration
}

func storeSizes(r *Run) (Points, error) {
	f := storeFold{
		points: storePoints{Members: r.Members, Files: make([][]storePoint, len(r.Members))},
		column: r.Span / commitColumns, compacted: map[uint64]bool{}, full: map[sim.MemberID]bool{},
	}
	for i := range r.Events {
		if e := &r.Events[i]; r.member(e.Member) {
			f.take(e)
		}
	}
	for _, stays := range r.Lives {
		f.gone = append(f.gone, leftAt(stays))
	}
	s := f.end(r.Span)
	if !slices.ContainsFunc(s.Files, func(ps []storePoint) bool { return len(ps) > 0 }) {
		return nil, chart.Nothing("the trace has no database sizes")
	}
	if q := r.Scenario.Cluster.Store.Quota; q <= 2*s.largest() {
		s.Quota = q
	}
	return s, nil
}

// storeFold reads the points off the events.
type storeFold struct {
	points    storePoints
	column    time.Duration // of points so close only the last is kept
	compacted map[uint64]bool
	full      map[sim.MemberID]bool // whose alarm is on
	gone      []time.Duration       // by member: when it left for good; 0: it has not
}

// open is the end of a span that has none yet.
const open = time.Duration(-1)

func (f *storeFold) take(e *sim.Event) {
	s := &f.points
	switch e.Kind {
	case sim.KindDefragEnded:
		f.close(e)
		f.size(e)
	case sim.KindStoreSize:
		f.size(e)
	case sim.KindDefragBegun:
		s.Defrags = append(s.Defrags, storeSpan{e.Member, e.At, open})
	case sim.KindCrashed, sim.KindPanicked:
		f.close(e)
	case sim.KindStoreCompacted:
		if !f.compacted[e.Revision] {
			f.compacted[e.Revision] = true
			s.Compactions = append(s.Compactions, e.At)
		}
	case sim.KindAlarm:
		if e.Count == sim.AlarmNoSpace {
			f.alarm(e)
		}
	}
}

// size takes the next point of a file, in place of the last one if they share a column.
func (f *storeFold) size(e *sim.Event) {
	line := &f.points.Files[e.Member-1]
	p := storePoint{e.At, sim.Size(e.Value), sim.Size(e.Old)}
	if n := len(*line); n > 1 && f.column > 0 && (*line)[n-1].At/f.column == p.At/f.column {
		(*line)[n-1] = p
		return
	}
	*line = append(*line, p)
}

// close ends the defragmentation of a member.
func (f *storeFold) close(e *sim.Event) {
	for i := range f.points.Defrags {
		if d := &f.points.Defrags[i]; d.Member == e.Member && d.To == open {
			d.To = e.At
		}
	}
}

func (f *storeFold) alarm(e *sim.Event) {
	s := &f.points
	if e.Value == 1 {
		if len(f.full) == 0 {
			s.Full = append(s.Full, storeSpan{0, e.At, open})
		}
		f.full[e.Member] = true
		return
	}
	delete(f.full, e.Member)
	if len(f.full) == 0 && len(s.Full) > 0 {
		s.Full[len(s.Full)-1].To = e.At
	}
}

// leftAt is when a member that was removed left for good; 0: it is still there, or never was.
func leftAt(stays []stay) time.Duration {
	if n := len(stays); n > 1 && stays[n-1].State == absent {
		return stays[n-1].From
	}
	return 0
}

// end closes what is open, and draws each line out to the end of the run, or to where its member left.
func (f *storeFold) end(at time.Duration) storePoints {
	s := f.points
	for _, spans := range [][]storeSpan{s.Defrags, s.Full} {
		for i := range spans {
			if spans[i].To == open {
				spans[i].To = at
			}
		}
	}
	for i, line := range s.Files {
		end := at
		if f.gone[i] > 0 {
			end = f.gone[i]
			line = slices.DeleteFunc(line, func(p storePoint) bool { return p.At > end })
			s.Files[i] = line
		}
		if n := len(line); n > 0 && line[n-1].At < end {
			s.Files[i] = append(line, storePoint{end, line[n-1].Size, line[n-1].InUse})
		}
	}
	return s
}

func (s storePoints) largest() (top sim.Size) {
	for _, line := range s.Files {
		for _, p := range line {
			top = max(top, p.Size)
		}
	}
	return top
}
