package roleinkubernetes

import "fmt"

// The types of the conversation with the program, whose sources (the folder apiserver) document each
// of them. They are declared twice because the two modules know nothing of each other; a field that
// only one of them has is an error.

type request struct {
	Endpoints  []string     `json:"endpoints"`
	Data       string       `json:"data"`
	Loop       *loopRequest `json:"loop,omitempty"`
	Encryption string       `json:"encryption,omitempty"`
	Settings   *runRequest  `json:"settings,omitempty"`
}

// reason is an API server's answer.
type reason struct {
	Code   int
	Reason string
}

func (r reason) String() string { return fmt.Sprintf("%d %s", r.Code, r.Reason) }

type keysResult struct {
	Objects []storedObject
	Steps   []struct{ Write, Version string }
	Last    storedObject
}

type storedObject struct {
	Resource, Key, Encoding, Prefix, Kind string
	Bytes                                 int
	ResourceVersion                       string `json:"resource_version"`
	Inside                                string
	CreateRevision                        int64 `json:"create_revision"`
	ModRevision                           int64 `json:"mod_revision"`
	Version                               int64
}

type conflictsResult struct {
	Twice, First, Second, Blind reason
	Counts                      []counting
}

// counting is writers that added to one counter.
type counting struct {
	Way                                         string
	Writers, Asked, Acknowledged, Refused, Kept int
	Tries                                       int64
	Millis                                      float64
}

type watchesResult struct {
	Listed  int
	Version string
	Live    []struct{ Type, Name, Version string }
	Missed  int
	Resumed int
	Ordered bool
	History []history
	Watch   reason
	List    reason
	Page    reason
	Again   reason
}

// history is how many minutes back a watch could go on, in a minute.
type history struct{ Minute, Oldest int }

type eventsResult struct {
	Sharing []sharing
	Life    []struct {
		Seconds float64
		Events  int
	}
}

type sharing struct {
	TTL, Events, Leases, Revisions, Left int
}

type heartbeatsResult struct{ Beats []beating }

type beating struct {
	Resource  string
	Bytes     int
	Beats     int
	Revisions int
	EtcdLease int64 `json:"etcd_lease"`
	Growth    []growth
}

type growth struct {
	Beats int
	InUse int64 `json:"in_use"`
	File  int64
}

type secretsResult struct {
	Sights []struct {
		When string
		sight
	}
	Answers []struct {
		When string
		reason
	}
}

// sight is where a Secret's plaintext was found.
type sight struct {
	Value                          string
	Plain, Database, WAL, Snapshot bool
}

type cacheResult struct {
	Pods    int
	Lists   []listing
	Watches []fanOut
}

type listing struct {
	Source       string
	Lists, Items int
	Reads, Sent  float64
	Millis       []float64
}

type fanOut struct {
	Way              string
	Clients          int
	Watchers, Events float64
	Heard            int
}

type outageResult struct {
	Phases []phase
	Pods   int
}

type phase struct {
	State   string
	Answers []struct {
		Request, Reason, Why string
		Items                int
		Millis               float64
	}
}
