package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What a client asks of a lease: Count of KindLeaseAsked and KindLeaseAnswered.
const (
	LeaseGrant uint32 = iota + 1
	LeaseKeepAlive
	LeaseRevoke
)

// What becomes of a lease: Count of KindLease.
const (
	LeaseKept  uint32 = iota + 1 // its client keeps it alive from now on
	LeaseLeft                    // or no longer
	LeaseKeyed                   // its keys are written, in Revision
	LeaseEnded                   // its keys are gone
)

// LeaseKeys is the prefix of the keys on leases: one alone is below it by the name of its lease, and several by
// their number behind that.
const LeaseKeys = "lease/"

// LeaseKey is the key number i, from 0, of n on a lease.
func LeaseKey(name string, i, n int64) string {
	if n == 1 {
		return LeaseKeys + name
	}
	return fmt.Sprintf("%s%s/%d", LeaseKeys, name, i+1)
}

// LeaseOperator is a Cluster whose clients can have leases (PowerLease). Its methods begin what takes time.
type LeaseOperator interface {
	// Grant has a client get a lease with that time to live and write keys on it. Client 0 is one of the lease's own. A
	// lease of that name from before is forgotten.
	Grant(name string, ttl TTL, keys int64, client int) error
	// KeepAlive has the client keep its lease alive, as etcd's own client does, until stop.
	KeepAlive(name string) (stop func() error, err error)
	// Revoke has the client end its lease.
	Revoke(name string) error
}

// TTL is the time to live of a lease. etcd's are whole seconds.
type TTL time.Duration

// maxTTL is as long as a run.
const maxTTL = TTL(24 * time.Hour)

// MarshalText writes it as a duration.
func (t TTL) MarshalText() ([]byte, error) { return []byte(FormatDuration(time.Duration(t))), nil }

// UnmarshalText reads one.
func (t *TTL) UnmarshalText(b []byte) error {
	d, err := ParseDuration(string(b))
	if err != nil {
		return err
	}
	if *t = TTL(d); *t <= 0 || *t > maxTTL || d%time.Second != 0 {
		return fmt.Errorf(`%q is not the time to live of a lease: write whole seconds from 1s to 24h, like "5s"`, b)
	}
	return nil
}

// Seconds is it as etcd takes it.
func (t TTL) Seconds() int64 { return int64(time.Duration(t) / time.Second) }

// maxClient is the highest number that a client may have.
const maxClient = 10_000

// ParseClient reads a client's name, which is c and its number from 1.
func ParseClient(s string) (int, error) {
	digits, ok := strings.CutPrefix(s, "c")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > maxClient || ClientName(n) != s {
		return 0, fmt.Errorf("%q is not a client: write c1, c2 and so on, up to c%d", s, maxClient)
	}
	return n, nil
}

// ClientName is the name of the client with that number.
func ClientName(n int) string { return "c" + strconv.Itoa(n) }
