package sim

import (
	"fmt"
	"strconv"
	"time"
)

// AutoCompaction says which old revisions a store drops by itself; the zero value is
// etcd's default, none. At most one of its fields is above 0. Etcd engine only.
type AutoCompaction struct {
	// Period: once per period, all revisions that are older than it. Etcd checks ten
	// times per period, for the first time after one.
	Period time.Duration
	// Revisions: all but the newest so many. Etcd checks every five minutes,
	// whatever else is set, so a shorter run never sees it.
	Revisions int64
}

// RevisionsEvery is how often etcd compacts by number of revisions.
const RevisionsEvery = 5 * time.Minute

// ParseAutoCompaction reads "off", a period like "5s" or a number of revisions like
// "1000".
func ParseAutoCompaction(s string) (a AutoCompaction, err error) {
	if s == "off" {
		return a, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 1 {
			return a, fmt.Errorf(`%q revisions can't be kept: the minimum is 1, and "off" keeps all`, s)
		}
		return AutoCompaction{Revisions: n}, nil
	}
	if a.Period, err = ParseDuration(s); err != nil {
		return a, fmt.Errorf(`%q is not an auto-compaction: write "off", a period like "5s", or a number of revisions like "1000"`, s)
	}
	if a.Period < time.Second {
		return AutoCompaction{}, fmt.Errorf("a period of %s is too short: the minimum is 1s", s)
	}
	return a, nil
}

func (a AutoCompaction) String() string {
	switch {
	case a.Period > 0:
		return FormatDuration(a.Period)
	case a.Revisions > 0:
		return strconv.FormatInt(a.Revisions, 10)
	}
	return "off"
}

// MarshalText writes the text form.
func (a AutoCompaction) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the text form.
func (a *AutoCompaction) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAutoCompaction(string(b))
	return err
}
