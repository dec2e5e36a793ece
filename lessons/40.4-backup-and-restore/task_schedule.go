package backupandrestore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"quorumlab/lessons"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// schedule is the learner's answer: when snapshots are taken, and how long they are kept.
type schedule struct {
	Every     plan.Span `yaml:"every" about:"from the start of one snapshot to the start of the next"`
	Check     bool      `yaml:"check" about:"whether each is restored somewhere before it counts"`
	KeepAll   plan.Span `yaml:"keep-all" about:"how long each is kept"`
	KeepDaily plan.Span `yaml:"keep-daily" about:"how long the first of each day is kept"`
	Bump      int64     `yaml:"bump" about:"by how much the runbook's restore bumps the revision"`
}

// What the task gives.
const (
	copyTakes  = 2 * time.Minute // to save a snapshot and to bring it away
	checkTakes = 3 * time.Minute // to restore it somewhere
	fileSize   = 600e6
	room       = 100e9
	perSecond  = 50 // revisions
	badEach    = 20 // one file of so many is damaged on its way
	mayLose    = 30 * time.Minute
	noticed    = 14 * 24 * time.Hour // the latest that a mistake is noticed
	before     = 24 * time.Hour      // how much older than the mistake the file may be
	day        = 24 * time.Hour
	walked     = 40 * day // how long the schedule is followed; only the second half counts
)

// kept is a snapshot that a schedule took.
type kept struct {
	start, ready time.Duration // since the schedule began
	daily        bool          // the first of its day
	good         bool
}

// takeAll follows the schedule.
func (s schedule) takeAll() (files []kept) {
	takes := copyTakes
	if s.Check {
		takes += checkTakes
	}
	n, days := 0, map[time.Duration]bool{}
	take := func(at time.Duration) time.Duration {
		n++
		f := kept{start: at, ready: at + takes, good: n%badEach != 0}
		if f.good || !s.Check { // a check throws it away
			f.daily = !days[at/day]
			days[at/day] = true
			files = append(files, f)
		}
		return f.ready
	}
	for at := time.Duration(0); at < walked; at += time.Duration(s.Every) {
		ready := take(at)
		if s.Check && n%badEach == 0 {
			take(ready) // another one, at once
		}
	}
	return files
}

// has tells whether a file is there at a moment.
func (s schedule) has(f kept, at time.Duration) bool {
	age := at - f.start
	return f.ready <= at && (age <= time.Duration(s.KeepAll) || f.daily && age <= time.Duration(s.KeepDaily))
}

// outcome of a schedule, at the worst moment of each.
type outcome struct {
	loss   time.Duration // writes of so long are lost when the cluster dies
	space  float64       // bytes
	oldest time.Duration // the age of the oldest file
	// uncovered is the greatest age of a mistake for which there is no file from shortly before it; 0:
	// there always is one.
	uncovered time.Duration
}

func (s schedule) walk() (w outcome) {
	files := s.takeAll()
	for at := walked / 2; at < walked; at += time.Minute {
		w.loss = max(w.loss, s.lossAt(files, at))
		if at%time.Hour == 0 {
			s.lookBack(files, at, &w)
		}
	}
	return w
}

// lossAt is how old the newest good file is.
func (s schedule) lossAt(files []kept, at time.Duration) time.Duration {
	for i := len(files) - 1; i >= 0; i-- {
		if f := files[i]; f.good && s.has(f, at) {
			return at - f.start
		}
	}
	return at
}

// lookBack looks at all that is kept at a moment, and at mistakes of each age.
func (s schedule) lookBack(files []kept, at time.Duration, w *outcome) {
	space := 0.0
	var good []time.Duration
	for _, f := range files {
		if !s.has(f, at) {
			continue
		}
		space += fileSize
		w.oldest = max(w.oldest, at-f.start)
		if f.good {
			good = append(good, f.start)
		}
	}
	w.space = max(w.space, space)
	for age := time.Duration(0); age <= noticed; age += time.Hour {
		mistake := at - age
		if !slices.ContainsFunc(good, func(start time.Duration) bool { return start <= mistake && mistake-start <= before }) {
			w.uncovered = max(w.uncovered, age)
		}
	}
}

// judgeSchedule follows the schedule for forty days.
func judgeSchedule(_ context.Context, _ *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	var s schedule
	doc, err := scenarios.ReadDocument(name, "a schedule", answer, nil, &s)
	if err != nil {
		return nil, &lessons.BadAnswer{Err: err}
	}
	if s.Every < plan.Span(5*time.Minute) || s.Every > plan.Span(7*day) {
		doc.Refuse("every", fmt.Errorf("every must be between 5m and 7d, not %s", s.Every))
	}
	if s.Bump < 0 || s.Bump > mostBump {
		doc.Refuse("bump", fmt.Errorf("bump must be between 0 and %d, since a revision has 63 bits, not %d", mostBump,
			s.Bump))
	}
	if err := doc.Err(); err != nil {
		return nil, &lessons.BadAnswer{Err: err}
	}
	w := s.walk()
	needs := w.oldest.Seconds() * perSecond
	spell := func(d time.Duration) string { return sim.FormatDuration(d.Round(time.Minute)) }
	mistake := "for each mistake there is a file from the day before it"
	if w.uncovered > 0 {
		mistake = fmt.Sprintf("there is none for a mistake made %.0f days ago", w.uncovered.Hours()/24)
	}
	// Few files take little room, and none need no bump: that counts only for a schedule that saves something.
	saves := w.loss <= mayLose || w.uncovered == 0
	given := func(ok bool, what, why, hint string) lessons.Mark {
		if !saves {
			why, hint = "not judged: this schedule saves too little to be of use", "first save what is asked for"
		}
		return lessons.Marked(ok && saves, 2, what, why, hint)
	}
	return []lessons.Mark{
		lessons.Marked(w.loss <= mayLose, 4, "at most "+spell(mayLose)+" of writes are lost, whenever the cluster dies",
			"over forty days the worst moment would have lost "+spell(w.loss),
			"the clock starts when a snapshot is started, and the newest file may still be in transit, or damaged"),
		lessons.Marked(w.uncovered == 0, 2, "a mistake that is noticed after 14 days can be undone", mistake,
			"keep some files longer than others"),
		given(w.space <= room, "the files fit into 100 GB", fmt.Sprintf("they take up to %.0f GB", w.space/1e9),
			"not all of them have to be kept that long"),
		given(float64(s.Bump) > needs, "the bump is large enough for every file that is kept",
			fmt.Sprintf("since the oldest, %.1f days ago, up to %.0f revisions were assigned; the bump is %d",
				w.oldest.Hours()/24, needs, s.Bump),
			"a client may have seen every revision since the file was saved"),
	}, nil
}
