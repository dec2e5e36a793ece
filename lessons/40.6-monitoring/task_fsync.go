package monitoring

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/lessons"
)

//go:embed task-fsync-start.yaml
var fsyncStart []byte

//go:embed task-fsync-model.yaml
var fsyncModel []byte

// When the disk of the recording slow-disk is slow, in its own time.
const (
	slowFrom = 3 * time.Second
	slowTo   = 21 * time.Second
)

// afterwards is how long after the illness an alert may still fire, in the recordings' time.
const afterwards = 8 * time.Minute / pace

// judgeFsync judges rules that are to tell of a slow disk, and of nothing else.
func judgeFsync(ctx context.Context, _ *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	rules, err := readRules(name, answer)
	if err != nil {
		return nil, err
	}
	fired := map[string][]firing{}
	slowOn := map[string][]string{} // the member with the slow disk
	for _, rec := range fsyncVariants {
		r, err := changedRecord(rec.from, rec.change)
		if err != nil {
			return nil, err
		}
		if fired[rec.name], err = r.fire(ctx, rules); err != nil {
			return nil, err
		}
		if slowOn[rec.name], err = r.instances(ctx, slowestDisk, middleOfSlow); err != nil {
			return nil, err
		}
	}
	return fsyncMarks(fired, slowOn), nil
}

// fsyncVariants are what rules for slow disks are judged by.
var fsyncVariants = []variant{
	{"slow-disk", "slow-disk", nil}, {slowFollower, "slow-disk", ofAFollower},
	{"healthy", "healthy", nil}, {"an idle cluster", "healthy", atPace(0)},
	{"a quiet cluster", "healthy", atPace(0.05)}, {"a busy cluster", "healthy", atPace(20)},
	{"disk-hiccup", "disk-hiccup", nil}, {"rolling-restart", "rolling-restart", nil},
}

// slowFollower is the recording slow-disk with other names, and with the slow disk on a follower.
const slowFollower = "slow-disk on a follower"

// slowestDisk is the member whose fsyncs took half a second or more by then.
const (
	slowestDisk = `rate(etcd_disk_wal_fsync_duration_seconds_sum[5m])
		/ rate(etcd_disk_wal_fsync_duration_seconds_count[5m]) > 0.5`
	middleOfSlow = 30
)

func fsyncMarks(fired map[string][]firing, slowOn map[string][]string) []lessons.Mark {
	slow := fired["slow-disk"]
	inTime := func(f firing) bool { return f.From < slowTo && f.To > slowFrom }
	speaks, where := true, told(slow)
	for _, rec := range []string{"slow-disk", slowFollower} {
		if !slices.ContainsFunc(fired[rec], inTime) {
			speaks, where = false, rec+": "+told(fired[rec])
			break
		}
	}
	named, whose := true, fmt.Sprintf("it is the disk of %s; %s", strings.Join(slowOn["slow-disk"], ", "), told(slow))
	if !slices.Equal(who(slow), slowOn["slow-disk"]) {
		named = false
	} else if f := fired[slowFollower]; !slices.Equal(who(f), slowOn[slowFollower]) {
		named, whose = false, fmt.Sprintf("%s, %s: %s", slowFollower, strings.Join(slowOn[slowFollower], ", "), told(f))
	}
	loud, well := "", told(nil)+", whether the cluster was idle, quiet or busy"
	for _, rec := range []string{"healthy", "an idle cluster", "a quiet cluster", "a busy cluster"} {
		if loud == "" && len(fired[rec]) > 0 {
			loud, well = rec, rec+": "+told(fired[rec])
		}
	}
	late := slices.IndexFunc(slow, func(f firing) bool { return f.To > slowTo+afterwards })
	over := told(slow)
	if late >= 0 {
		over = fmt.Sprintf("%s fired until %s", slow[late].rule.Name, minutes(slow[late].To))
	}
	return []lessons.Mark{
		lessons.Marked(speaks, 3, "fires while a disk is slow (from 3 to 21 min)", where,
			"the log's fsync times are in etcd_disk_wal_fsync_duration_seconds, a histogram; compare a quantile of its "+
				"recent increase"),
		quiet(speaks, named, 1, "names the member with the slow disk, and no other", whose,
			"keep the label instance: aggregate by it or not at all"),
		quiet(speaks, loud == "", 2, "is silent when all is well, however little or much is written", well,
			"these members' disks are fine; look at how long each fsync takes, not at how many there are, and only at recent "+
				"ones, with rate"),
		quiet(speaks, len(fired["disk-hiccup"]) == 0, 2, "is silent when a disk was slow for only 3 minutes",
			told(fired["disk-hiccup"]),
			"the condition is true for as long as the fault and its window together; make `for` longer than that"),
		quiet(speaks, len(fired["rolling-restart"]) == 0, 1, "is silent when members restart one after the other",
			told(fired["rolling-restart"]),
			"a starting member does a few slow fsyncs; that is over soon"),
		quiet(speaks, late < 0, 1, "resolves within 8 minutes after the disk recovers (at 21 min)", over,
			"a counter never goes down: an expression on its lifetime total never resolves; take its rate over a few minutes"),
	}
}
