package sidebyside

import (
	"context"
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// What the task gives: sizes in GB, speeds in GB per minute.
const (
	etcdGB       = 2.0
	snapshotTime = time.Minute // until it is stored

	databaseGB   = 300.0
	baseTime     = 40 * time.Minute // until it is stored
	walGBPerHour = 12.0
	copySpeed    = 30.0
	replaySpeed  = 0.5
	verifyTime   = 5 * time.Minute
	segmentTime  = 30 * time.Second // until it is stored

	goalEtcdLost   = 10 * time.Minute
	goalServerLost = time.Minute
	goalBack       = 2 * time.Hour
	mistakeAge     = 3 * 24 * time.Hour
	goalDisk       = 9000.0 // GB
	mostSnapshots  = 200    // a day
	mostBases      = 8
)

// bothSchedules is an answer.
type bothSchedules struct {
	snapshotEvery, snapshotsKept, baseEvery, basesKept, archiveTimeout time.Duration
}

// fields are the settings of an answer.
func (s *bothSchedules) fields() map[string]*time.Duration {
	return map[string]*time.Duration{"snapshot-every": &s.snapshotEvery, "snapshots-kept-for": &s.snapshotsKept,
		"base-backup-every": &s.baseEvery, "backups-kept-for": &s.basesKept, "archive-timeout": &s.archiveTimeout}
}

// scheduleJudge lets a schedule run for a month, and has everything be lost in each minute of the last day.
var scheduleJudge = lessons.JudgeFunc(func(_ context.Context, _ *lessons.Env, name string, answer []byte) (
	[]lessons.Mark, error) {
	s, err := readSchedules(name, answer)
	if err != nil {
		return nil, err
	}
	return s.run().marks(), nil
})

// readSchedules reads an answer. The error is a *lessons.BadAnswer.
func readSchedules(name string, answer []byte) (s bothSchedules, err error) {
	return s, pg.ReadDurations(name, answer, "snapshot-every = 1h", s.fields())
}

// copies are what is saved of a store: begun every so often, stored some time later, kept for a while. The newest one
// that is stored is always kept.
type copies struct{ every, takes, kept time.Duration }

// begun is when the newest copy begins that is there at a moment and was stored by an earlier one; below 0: there is
// none.
func (c copies) begun(now, by time.Duration) time.Duration {
	if by < c.takes {
		return -1
	}
	newest := func(by time.Duration) time.Duration { return (by - c.takes) / c.every * c.every }
	at := newest(by)
	if now-at > c.kept && at != newest(now) {
		return -1
	}
	return at
}

// count is how many copies there are at a moment, and how old the oldest is.
func (c copies) count(now time.Duration) (n int, age time.Duration) {
	for at := c.begun(now, now); at >= 0 && (n == 0 || now-at <= c.kept); at -= c.every {
		n++
		age = now - at
	}
	return n, age
}

// losses are what a month comes to: the worst of each.
type losses struct {
	etcd, server, back time.Duration
	etcdUndo, pgUndo   bool
	disk               float64 // GB
	snapshots, bases   float64 // a day
}

func (s bothSchedules) run() (l losses) {
	const length, day = 30 * 24 * time.Hour, 24 * time.Hour
	snapshots := copies{s.snapshotEvery, snapshotTime, s.snapshotsKept}
	bases := copies{s.baseEvery, baseTime, s.basesKept}
	l = losses{server: s.archiveTimeout + segmentTime, etcdUndo: true, pgUndo: true,
		snapshots: float64(day) / float64(s.snapshotEvery), bases: float64(day) / float64(s.baseEvery)}
	for now := length - day; now < length; now += time.Minute {
		// What is being stored at this minute is lost with the rest.
		l.etcd = max(l.etcd, now-max(snapshots.begun(now-1, now-1), 0))
		base := max(bases.begun(now-1, now-1), 0)
		replay := pg.AtSpeed(walGBPerHour*(now-base).Hours(), replaySpeed)
		l.back = max(l.back, pg.AtSpeed(databaseGB, copySpeed)+replay+verifyTime)
		// A snapshot shows the moment it was begun; a base backup can only be used from when it was complete.
		mistake := now - mistakeAge
		snapshot := snapshots.begun(now, mistake+snapshotTime)
		l.etcdUndo = l.etcdUndo && snapshot >= 0 && mistake-snapshot <= goalEtcdLost
		l.pgUndo = l.pgUndo && bases.begun(now, mistake) >= 0
		n, _ := snapshots.count(now)
		m, age := bases.count(now)
		l.disk = max(l.disk, etcdGB*float64(n)+databaseGB*float64(m)+walGBPerHour*age.Hours())
	}
	return l
}

func (l losses) marks() []lessons.Mark {
	undo := fmt.Sprintf("etcd: %s, PostgreSQL: %s", lessons.YesNo(l.etcdUndo), lessons.YesNo(l.pgUndo))
	return []lessons.Mark{
		lessons.Marked(l.etcd <= goalEtcdLost, 2, "etcd loses at most "+pg.Short(goalEtcdLost), "at worst "+pg.Short(l.etcd),
			"the newest snapshot counts when it is stored, not when it is begun"),
		lessons.Marked(l.server <= goalServerLost, 2, "PostgreSQL loses at most "+pg.Short(goalServerLost),
			"at worst "+pg.Short(l.server), "archive-timeout, and the time until the segment is stored"),
		lessons.Marked(l.back <= goalBack, 2, "PostgreSQL is back within "+pg.Short(goalBack), "at worst "+pg.Short(l.back),
			"the replay begins where the newest base backup that is stored was begun"),
		lessons.Marked(l.etcdUndo && l.pgUndo, 2, "a mistake of three days ago can be undone in both", undo,
			"there must be a snapshot from shortly before it, and a base backup that was complete by then"),
		lessons.Marked(l.disk <= goalDisk, 1, fmt.Sprintf("at most %.0f GB are kept", goalDisk),
			fmt.Sprintf("at most %.0f GB", l.disk), "for three days, what is older than three days and a bit is too much"),
		lessons.Marked(l.snapshots <= mostSnapshots && l.bases <= mostBases, 1, fmt.Sprintf("at most %d snapshots and %d "+
			"base backups a day", mostSnapshots, mostBases), fmt.Sprintf("%.1f and %.1f", l.snapshots, l.bases),
			"each loads its store"),
	}
}
