package monitoring

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
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
	var leader []string
	for _, rec := range []string{"slow-disk", "healthy", "disk-hiccup", "rolling-restart"} {
		r, err := openRecord(rec)
		if err != nil {
			return nil, err
		}
		if fired[rec], err = r.fire(ctx, rules); err != nil {
			return nil, err
		}
		if rec == "slow-disk" {
			if leader, err = r.instances(ctx, "etcd_server_is_leader == 1", 5); err != nil {
				return nil, err
			}
		}
	}
	slow := fired["slow-disk"]
	speaks := slices.ContainsFunc(slow, func(f firing) bool { return f.From < slowTo && f.To > slowFrom })
	late := slices.IndexFunc(slow, func(f firing) bool { return f.To > slowTo+afterwards })
	over := told(slow)
	if late >= 0 {
		over = fmt.Sprintf("%s fired until %s", slow[late].rule.Name, minutes(slow[late].To))
	}
	return []lessons.Mark{
		lessons.Marked(speaks, 3, "fires while the leader's disk is slow (from 3 to 21 min)", told(slow),
			"the log's fsync times are in etcd_disk_wal_fsync_duration_seconds, a histogram; compare a quantile of its recent "+
				"increase"),
		quiet(speaks, slices.Equal(who(slow), leader), 1, "names the member with the slow disk, and no other",
			fmt.Sprintf("it is the disk of %s; %s", leader[0], told(slow)), "keep the label instance: aggregate by it or not "+
				"at all"),
		quiet(speaks, len(fired["healthy"]) == 0, 2, "is silent when all is well", told(fired["healthy"]),
			"these members' disks are fine; look only at recent activity, with rate"),
		quiet(speaks, len(fired["disk-hiccup"]) == 0, 2, "is silent when a disk was slow for only 3 minutes",
			told(fired["disk-hiccup"]),
			"the condition is true for as long as the fault and its window together; make `for` longer than that"),
		quiet(speaks, len(fired["rolling-restart"]) == 0, 1, "is silent when members restart one after the other",
			told(fired["rolling-restart"]),
			"a starting member does a few slow fsyncs; that is over soon"),
		quiet(speaks, late < 0, 1, "resolves within 8 minutes after the disk recovers (at 21 min)", over,
			"a counter never goes down: an expression on its lifetime total never resolves; take its rate over a few minutes"),
	}, nil
}
