package sim

import (
	"time"
)

// AlertSpec says how the metrics of a run's members are watched. The zero value: not at
// all. Etcd engine only: the metrics are etcd's own.
type AlertSpec struct {
	// Scrape is how often each member's /metrics is read and the rules are evaluated.
	Scrape time.Duration
	// Pace divides every time that the rules name, windows and how long a condition must
	// hold, so that a run of seconds shows what takes minutes in production. Thresholds
	// stay as they are. 1 is production's own pace.
	Pace int
}

// On reports whether the run is watched.
func (a AlertSpec) On() bool { return a.Scrape > 0 }

// ProductionScrape is the interval for which the rules' windows are made: the shortest
// window holds four scrapes. Scrape times Pace must not exceed it.
const ProductionScrape = 30 * time.Second

// AlertState is the state of an alert; the Count of a KindAlert event.
type AlertState uint32

// The states. Pending: the rule's condition is true, but not yet for as long as the rule
// requires.
const (
	AlertInactive AlertState = iota
	AlertPending
	AlertFiring
)

func (s AlertState) String() string {
	return name([]string{"inactive", "pending", "firing"}, int(s))
}
