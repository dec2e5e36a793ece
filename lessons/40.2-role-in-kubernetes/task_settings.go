package roleinkubernetes

import (
	"context"
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// settingsFile is how a cluster is run.
type settingsFile struct {
	Compaction plan.Span `yaml:"etcd-compaction-interval" about:"how often the API server compacts, in whole minutes; 0: never"`
	EventTTL   plan.Span `yaml:"event-ttl" about:"TTL of Events, in whole minutes"`
	Heartbeat  string    `yaml:"heartbeat" about:"what kubelets write heartbeats to: lease or node-status"`
	Every      plan.Span `yaml:"heartbeat-every" about:"interval between a node's heartbeats, in whole seconds up to 5m"`
}

// runRequest and runResult are as the program has them.
type runRequest struct {
	Compaction int  `json:"compaction"`
	EventTTL   int  `json:"event_ttl"`
	Lease      bool `json:"lease"`
	Heartbeat  int  `json:"heartbeat"`
	Minutes    int  `json:"minutes"`
	Nodes      int  `json:"nodes"`
	Events     int  `json:"events"`
	Away       int  `json:"away"`
}

type runResult struct {
	Sizes []struct {
		Minute int
		InUse  int64 `json:"in_use"`
		File   int64
	}
	Refused, Tried, Resumed int
	Whole                   bool
	Oldest, History, Beats  int
}

// The cluster of the task: an hour of eight nodes, and a store that is small for it.
const (
	settingsMinutes = 60
	settingsNodes   = 8
	settingsEvents  = 40 // in a minute
	settingsAway    = 10 // minutes
	settingsQuota   = 3 << 20
	eventsKept      = 25 // minutes
	signsNeeded     = 4  // in 50 s, kube-controller-manager's node-monitor-grace-period
)

// judgeSettings runs a cluster with the settings for an hour of its own time.
func judgeSettings(ctx context.Context, env *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	var file settingsFile
	doc, err := scenarios.ReadDocument(name, "the settings", answer, nil, &file)
	if err != nil {
		return nil, &lessons.BadAnswer{Err: err}
	}
	q := file.request(doc)
	if err := doc.Err(); err != nil {
		return nil, &lessons.BadAnswer{Err: err}
	}
	var r runResult
	if err := (experiment{name: "settings", quota: sim.Size(settingsQuota), request: request{Settings: q}}).run(ctx, env,
		&r); err != nil {
		return nil, err
	}
	return r.marks(), nil
}

// request is what the program is asked for. It refuses what can't be counted in whole minutes and
// seconds.
func (f settingsFile) request(doc *scenarios.Document) *runRequest {
	whole := func(field string, s plan.Span, unit, least, most time.Duration) int {
		d := time.Duration(s)
		if d%unit != 0 || d < least || d > most {
			doc.Refuse(field, fmt.Errorf("%s must be whole %s between %v and %v, not %v", field,
				map[time.Duration]string{time.Minute: "minutes", time.Second: "seconds"}[unit], least, most, d))
			return 1
		}
		return int(d / unit)
	}
	if f.Heartbeat != "lease" && f.Heartbeat != "node-status" {
		doc.Refuse("heartbeat", fmt.Errorf("heartbeat must be lease or node-status, not %q", f.Heartbeat))
	}
	return &runRequest{
		Compaction: whole("etcd-compaction-interval", f.Compaction, time.Minute, 0, 24*time.Hour),
		EventTTL:   whole("event-ttl", f.EventTTL, time.Minute, time.Minute, 24*time.Hour),
		Heartbeat:  whole("heartbeat-every", f.Every, time.Second, time.Second, 5*time.Minute),
		Lease:      f.Heartbeat == "lease",
		Minutes:    settingsMinutes, Nodes: settingsNodes, Events: settingsEvents, Away: settingsAway,
	}
}

func (r runResult) marks() []lessons.Mark {
	if len(r.Sizes) == 0 {
		return nil
	}
	last := r.Sizes[len(r.Sizes)-1]
	sizes := fmt.Sprintf("in minute %d the database file had %.1f MiB, of which %.1f were in use; the quota is %.0f MiB",
		last.Minute, lessons.MiB(last.File), lessons.MiB(last.InUse), lessons.MiB(settingsQuota))
	if r.Refused > 0 {
		sizes = fmt.Sprintf("in minute %d etcd rejected a write, since the store was full; %s", r.Refused, sizes)
	}
	ran, forgets := r.Refused == 0, r.History < settingsMinutes
	hint := "what is large and written often? What is kept longer than anybody needs?"
	if ran && !forgets {
		sizes = fmt.Sprintf("not one revision of the whole hour was dropped; %s", sizes)
		hint = "a store that forgets nothing is full some day, whatever its quota"
	}
	ran = ran && forgets
	missed := fmt.Sprintf("of %d that tried, %d could resume%s", r.Tried, r.Resumed, stopped(r.Refused))
	if r.Refused == 0 && !forgets {
		missed = "not judged: as long as all history is kept, every watch can resume"
	}
	return []lessons.Mark{
		lessons.Marked(ran, 3, "etcd accepts every write for an hour, and can go on", sizes, hint),
		lessons.Marked(ran && r.Tried > 0 && r.Resumed == r.Tried && r.Whole, 3, "a watch that was away for 10 minutes "+
			"receives everything it missed",
			missed, "a compaction drops what was old at the previous one: one to two intervals of history are left"),
		lessons.Marked(r.Refused == 0 && r.Oldest >= eventsKept, 2, fmt.Sprintf("Events of the last %d minutes can be read",
			eventsKept), fmt.Sprintf("the oldest are %d minutes old%s", r.Oldest, stopped(r.Refused)),
			"event-ttl is how long they live"),
		lessons.Marked(r.Beats >= signsNeeded, 2, fmt.Sprintf("a node sends %d heartbeats in 50 s", signsNeeded),
			fmt.Sprintf("it sends %d", r.Beats), "a node that is silent for 50 s is considered dead; one lost heartbeat must "+
				"not be enough"),
	}
}

// stopped says that the hour was not full, if a write was refused in some minute.
func stopped(refused int) string {
	if refused == 0 {
		return ""
	}
	return ", until the store was full"
}
