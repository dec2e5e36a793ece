package restoredrills

import (
	"context"
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// What the task gives: sizes in GB, speeds in GB per minute.
const (
	databaseGB   = 200.0
	walGBPerHour = 10.0
	copySpeed    = 30.0
	replaySpeed  = 1.0
	verifyTime   = 4 * time.Minute
	fetchTime    = 30 * time.Second // an archive_command and a monitor that notices

	goalRTO  = 35 * time.Minute
	goalRPO  = 2 * time.Minute
	goalBack = 7 * 24 * time.Hour // how far back a mistake can be undone
	goalDisk = 5000.0             // GB
	mostADay = 12                 // base backups: each loads the server for an hour
)

// schedule is an answer.
type schedule struct {
	every, keepAll, keepDaily, archiveTimeout time.Duration
}

// fields are the settings of an answer.
func (s *schedule) fields() map[string]*time.Duration {
	return map[string]*time.Duration{"base-backup-every": &s.every, "keep-all-for": &s.keepAll,
		"keep-daily-for": &s.keepDaily, "archive-timeout": &s.archiveTimeout}
}

// scheduleJudge lets a schedule run for a month, and has the server fail in every minute of the last day.
var scheduleJudge = lessons.JudgeFunc(func(_ context.Context, _ *lessons.Env, name string, answer []byte) (
	[]lessons.Mark, error) {
	s, err := readSchedule(name, answer)
	if err != nil {
		return nil, err
	}
	return s.run().marks(), nil
})

// readSchedule reads lines NAME = DURATION. The error is a *lessons.BadAnswer.
func readSchedule(name string, answer []byte) (s schedule, err error) {
	return s, pg.ReadDurations(name, answer, "base-backup-every = 6h", s.fields())
}

// month is what a schedule comes to.
type month struct {
	rto, rpo, back time.Duration // the worst
	disk           float64       // GB, the most
	aDay           float64
}

// run takes base backups for a month, removes those that the schedule does not keep, and looks at each minute of the
// last day what a failure would cost.
func (s schedule) run() (m month) {
	const length, day = 30 * 24 * time.Hour, 24 * time.Hour
	m.aDay = float64(day) / float64(s.every)
	m.rpo = s.archiveTimeout + fetchTime
	m.back = length
	var kept []time.Duration // when the base backups were taken
	last := time.Duration(-1)
	for now := time.Duration(0); now < length; now += time.Minute {
		if last < 0 || now-last >= s.every {
			kept, last = append(kept, now), now
		}
		kept = s.keep(kept, now)
		if now < length-day {
			continue
		}
		newest, oldest := kept[len(kept)-1], kept[0]
		replay := pg.AtSpeed(walGBPerHour*(now-newest).Hours(), replaySpeed)
		m.rto = max(m.rto, pg.AtSpeed(databaseGB, copySpeed)+replay+verifyTime)
		m.back = min(m.back, now-oldest)
		m.disk = max(m.disk, float64(len(kept))*databaseGB+walGBPerHour*(now-oldest).Hours())
	}
	return m
}

// keep removes base backups: all of the last hours or days are kept, of the time before one for each day, and always
// the newest.
func (s schedule) keep(all []time.Duration, now time.Duration) (kept []time.Duration) {
	const day = 24 * time.Hour
	for i, b := range all {
		age := now - b
		firstOfDay := i == 0 || all[i-1]/day != b/day
		if age <= s.keepAll || firstOfDay && age <= s.keepDaily || i == len(all)-1 {
			kept = append(kept, b)
		}
	}
	return kept
}

func (m month) marks() []lessons.Mark {
	return []lessons.Mark{
		lessons.Marked(m.rto <= goalRTO, 3, "at every moment the server would be back within "+pg.Short(goalRTO),
			"at worst it takes "+pg.Short(m.rto), "the replay takes as long as the newest base backup is old; the rest does "+
				"not change"),
		lessons.Marked(m.rpo <= goalRPO, 2, "at most the last "+pg.Short(goalRPO)+" are lost", "at worst "+pg.Short(m.rpo),
			"archive-timeout, and the time until the segment is stored"),
		lessons.Marked(m.back >= goalBack, 2, "a mistake of seven days ago can be undone",
			"the oldest base backup is "+pg.Short(m.back)+" old", "a recovery only goes forward from a base backup; when is "+
				"the oldest one removed, and how old is the next?"),
		lessons.Marked(m.disk <= goalDisk, 2, fmt.Sprintf("at most %.0f GB are kept", goalDisk),
			fmt.Sprintf("at most %.0f GB", m.disk), "each base backup is 200 GB, and WAL is kept back to the oldest"),
		lessons.Marked(m.aDay <= mostADay, 1, fmt.Sprintf("at most %d base backups a day", mostADay),
			fmt.Sprintf("%.1f a day", m.aDay), "each loads the server for an hour"),
	}
}
