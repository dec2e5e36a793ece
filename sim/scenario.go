package sim

import (
	"fmt"
	"math/rand/v2"
	"quorumlab/internal/text"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scenario is everything that goes into a run: the cluster, the load, the script
// of faults, and what is expected of it. Package scenarios reads it from YAML and
// fills in the defaults; an engine takes it as it stands.
type Scenario struct {
	Name    string // file name without .yaml: lower-case words with dashes
	Title   string // one line, what it shows
	Chapter string // of the book, like "40.3"; may be empty
	About   string // what to watch for
	Engines []string
	Seed    uint64
	// Module is the hash of the WebAssembly module that the run is made by, as in Header.Module; "any" is whichever there
	// is. Empty: the run is not exact.
	Module string `json:",omitempty"`

	Cluster  ClusterSpec
	Workload Workload
	Steps    []Step // in order of At
	Run      time.Duration
	Alerts   AlertSpec `json:",omitzero"`
	Until    string    // the measure whose first value ends the run before Run; may be empty. Sim only
	Expect   []Expectation
}

// ClusterSpec is the cluster at the start of the run.
type ClusterSpec struct {
	Members     []MemberSpec
	Heartbeat   time.Duration // etcd's default: 100ms
	Election    Distribution  // fixed (etcd's default: 1s) or a range; see ElectionTicks
	Tick        time.Duration // length of a raft tick on the sim engine; see ElectionTicks
	PreVote     bool
	CheckQuorum bool
	ReconfigRules
	Network    LinkSpec // every link between two members, one way
	Links      []LinkRule
	ClientLink Distribution // one way between a client and a member; sim only
	Disk       DiskSpec
	Store      StoreSpec
	Process    ProcessMode  // empty: shared
	Metrics    MetricsLevel // empty: basic
	TLS        TLSSpec
}

// ProcessMode says where the members of the etcd engine run. The sim engine has no
// processes and ignores it.
type ProcessMode string

// The process modes. Shared runs all members inside this program: quick to start,
// but crashes and pauses are emulated, and metrics cover all members together. Own
// gives each member a process: kill -9, SIGSTOP and /metrics are real.
const (
	ProcessShared ProcessMode = "shared"
	ProcessOwn    ProcessMode = "own"
)

// MetricsLevel is how much etcd's /metrics shows: etcd's --metrics. The sim engine
// ignores it.
type MetricsLevel string

// The levels. Extensive adds histograms of the time that each call of a client took.
const (
	MetricsBasic     MetricsLevel = "basic"
	MetricsExtensive MetricsLevel = "extensive"
)

// MemberSpec is one member at the start. Role is Follower for a voter, or Learner.
type MemberSpec struct {
	Name string
	Zone string // may be empty
	Role Role
	MemberSettings
}

// LinkSpec is a link in one direction.
type LinkSpec struct {
	Latency Distribution
	Loss    Share
}

// LinkRule sets the links from one group of members to another. Without OneWay it
// holds in both directions. Later rules win.
type LinkRule struct {
	From, To []Selector // by name, by zone, or all
	OneWay   bool
	LinkSpec
}

// DiskSpec is every member's disk.
type DiskSpec struct {
	// Fsync is how long an fsync takes. On the etcd engine, whose members write to the
	// machine's own disk, it applies when FsyncStated, and then as a minimum: a machine
	// slower than that stays as slow as it is.
	Fsync Distribution
	// FsyncStated is true if the scenario says how long an fsync takes. Otherwise Fsync is
	// a default, and on the etcd engine an fsync takes as long as it does on this machine.
	FsyncStated bool
	// Mode is how a member writes its log: "etcd" (the leader sends before its own
	// write, ticks wait while a write runs, as in etcd's raft loop) or "async"
	// (raft's AsyncStorageWrites, group commit). Sim only.
	Mode string
}

// ReadMode is how gets are served.
type ReadMode string

// The read modes. Linearizable asks the leader to confirm with a quorum
// (ReadIndex). Lease trusts that the leader's lease is still valid (raft's
// ReadOnlyLeaseBased; sim only: etcd has no switch for it). Serializable is the
// local state of the member that is asked, however old.
const (
	ReadLinearizable ReadMode = "linearizable"
	ReadLease        ReadMode = "lease"
	ReadSerializable ReadMode = "serializable"
)

// Workload is what the clients do, from the moment when the cluster has its first
// leader until Run. Both engines follow these rules:
//
//   - Rate > 0 is an open loop: one operation begins every 1/Rate seconds whether
//     or not earlier ones have returned; operation i belongs to client i mod
//     Clients. Rate 0 is a closed loop: each client begins its next operation when
//     the one before has returned.
//   - Kind, key and value come from the stream "workload": Mix by weight; keys are
//     k0 .. k(Keys-1), uniform; every write has a value that no other write has. A
//     compare-and-swap expects the value that its client saw last for the key, by
//     its own answered writes and reads (0, "does not exist", if it saw none).
//   - A client has a connection to every member in Via and uses those that are
//     connected in turn (round robin, as etcd's clients balance). A member that is
//     down refuses: the client takes the next one; when all are down, or Via means
//     nobody at the moment, the operation fails at once. Learners are not asked:
//     etcd has them refuse. A paused member and one cut off from its peers still take
//     requests and let them wait.
//   - A member without a leader keeps a write waiting until it learns of one, as
//     etcd does. A crash of the member that was asked breaks the connection: a get
//     is tried again at the next member, a write is not and its outcome is unknown.
//     After Timeout the client gives up: a write's outcome is unknown, a get's is
//     failed.
//   - After Run no operation begins; the engine lets those under way come back for
//     up to Timeout of further time, or less when all have returned.
type Workload struct {
	Clients int // 0: no load
	Rate    int // operations a second, all clients together; 0: closed loop
	Mix     Mix
	Keys    int
	Value   Size
	Reads   ReadMode
	Timeout time.Duration // etcd's request timeout: 5s + 2 x election
	Via     []Selector    // by name, all, leader or followers; resolved for each operation
	Habits
}

// Pace is that of the workload until a statement sets another.
func (w *Workload) Pace() Pace {
	if w.Rate == 0 {
		return Pace{Rate: ClosedLoop}
	}
	return Pace{Rate: w.Rate, Bursts: w.Bursts}
}

// Mix weighs the kinds of operations.
type Mix struct {
	Put, Get, CAS int
	Lease, Lock   int `json:",omitempty"`
}

// Draw takes one kind of operation by the weights, whose sum is above 0. Both
// engines draw by it, so that one seed means the same operations on both.
func (m Mix) Draw(r *rand.Rand) OpKind {
	switch d := int(Below(r, int64(m.Put+m.Get+m.CAS+m.Lease+m.Lock))); {
	case d < m.Put:
		return OpPut
	case d < m.Put+m.Get:
		return OpGet
	case d < m.Put+m.Get+m.CAS:
		return OpCAS
	case d < m.Put+m.Get+m.CAS+m.Lease:
		return OpLease
	}
	return OpLock
}

// Step is one line of the script. With For above 0 the fault ends by itself.
type Step struct {
	At     time.Duration
	Within time.Duration // above 0: the step happens at a moment in [At, At+Within); see StepTime
	For    time.Duration
	Do     Statement
}

// StepTime is when step i happens: its At, or a moment drawn from the seed where the
// step has a Within.
func (s *Scenario) StepTime(i int) time.Duration {
	st := s.Steps[i]
	if st.Within <= 0 {
		return st.At
	}
	return st.At + time.Duration(Below(Stream(s.Seed, "step ", strconv.Itoa(i+1)), int64(st.Within)))
}

// ElectionTicks is raft's timing in ticks: a follower that hears nothing for a
// number of ticks drawn from [lo, hi] campaigns, and a leader sends heartbeats
// every beat ticks.
//
// As in etcd a fixed election timeout E with heartbeat H makes a tick of H and draws
// from [E/H, 2E/H - 1]. A range lo..hi makes a tick of Tick (1ms by default) and
// draws from [lo, hi); raft allows no more than hi < 2 lo.
func (c *ClusterSpec) ElectionTicks() (tick time.Duration, beat, lo, hi int) {
	tick = c.Tick
	if c.Election.Lo == c.Election.Hi {
		if tick == 0 {
			tick = c.Heartbeat
		}
		lo = int(c.Election.Lo / tick)
		return tick, int(c.Heartbeat / tick), lo, 2*lo - 1
	}
	if tick == 0 {
		tick = time.Millisecond
	}
	lo, hi = int(c.Election.Lo/tick), int(c.Election.Hi/tick)-1
	return tick, int(c.Heartbeat / tick), lo, max(lo, min(hi, 2*lo-1))
}

// Members lists every member of the run: those of the start, then those that
// statements add, in order of the script. A member's ID is its place from 1. The caller
// must not change the list.
func (s *Scenario) Members() []MemberSpec {
	ms := slices.Clip(s.Cluster.Members) // appending copies
	add := func(name string) {
		if name != "" && !slices.ContainsFunc(ms, func(m MemberSpec) bool { return m.Name == name }) {
			ms = append(ms, MemberSpec{Name: name, Role: Learner})
		}
	}
	for _, st := range s.Steps {
		add(st.Do.New)
		for _, name := range st.Do.Join {
			add(name)
		}
	}
	return ms
}

// MemberID finds a member by name.
func (s *Scenario) MemberID(name string) (MemberID, error) {
	ms := s.Members()
	names := make([]string, len(ms))
	for i, m := range ms {
		if m.Name == name {
			return MemberID(i + 1), nil
		}
		names[i] = m.Name
	}
	return 0, fmt.Errorf("unknown member %q%s", name, text.DidYouMeanOr(name, slices.Concat(names, SelectorWords()),
		"members are "+listNames(names)))
}

// listNames lists names for people; a row of three or more with their default
// names is "n1 to n5".
func listNames(names []string) string {
	row := 0
	for row < len(names) && names[row] == MemberID(row+1).String() {
		row++
	}
	if row > 2 {
		names = append([]string{names[0] + " to " + names[row-1]}, names[row:]...)
	}
	return strings.Join(names, ", ")
}

// MemberName is the name of a member, or "cluster" for 0.
func (s *Scenario) MemberName(id MemberID) string { return nameIn(s.Members(), id) }

func nameIn(ms []MemberSpec, id MemberID) string {
	if id > 0 && int(id) <= len(ms) {
		return ms[id-1].Name
	}
	return id.String()
}

// ZoneOf is a member's zone, or empty.
func (s *Scenario) ZoneOf(id MemberID) string {
	if ms := s.Members(); id > 0 && int(id) <= len(ms) {
		return ms[id-1].Zone
	}
	return ""
}

// CheckZone returns an error if no member is in a zone of this name.
func (s *Scenario) CheckZone(name string) error {
	var zones []string
	for _, m := range s.Members() {
		if m.Zone != "" && !slices.Contains(zones, m.Zone) {
			zones = append(zones, m.Zone)
		}
	}
	if slices.Contains(zones, name) {
		return nil
	}
	what := "no member has a zone"
	if len(zones) > 0 {
		what = "the zones are " + text.Names(zones)
	}
	return fmt.Errorf("unknown zone %q%s", name, text.DidYouMeanOr(name, zones, what))
}

// Link is the healthy link from one member to another: the network's, or what the
// last rule that fits says.
func (s *Scenario) Link(from, to MemberID) LinkSpec {
	l := s.Cluster.Network
	for _, r := range s.Cluster.Links {
		if s.fits(r.From, from) && s.fits(r.To, to) || !r.OneWay && s.fits(r.From, to) && s.fits(r.To, from) {
			l = r.LinkSpec
		}
	}
	return l
}

// fits reports whether a rule's group holds the member.
func (s *Scenario) fits(g []Selector, id MemberID) bool {
	return slices.ContainsFunc(g, func(x Selector) bool {
		return x.By == ByAll || x.By == ByName && x.Name == s.MemberName(id) || x.By == ByZone && x.Name == s.ZoneOf(id)
	})
}

// NamesEngine reports whether the scenario lists the engine, or for etcd-virtual whether it lists etcd.
func (s *Scenario) NamesEngine(name string) bool {
	if name == EtcdVirtual {
		name = "etcd"
	}
	return slices.Contains(s.Engines, name)
}
