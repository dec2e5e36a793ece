package sim

import (
	"fmt"
	"slices"
	"time"
)

// A setting of the cluster is declared here, once: its field, and its [Setting] below with the text,
// the default, the bounds, and what an engine without it says. Everything else follows: the scenario
// file reads and writes the field by its yaml tag, the schema and the manual show the text, Validate
// checks the bounds, and engines refuse what they lack. All that is left to an engine that has the
// setting is to apply it: a line in sim/etcdsim/cluster/settings.go, or where sim/raftsim needs the value.
//
// A new field needs omitzero in its json tag, so that the headers of older traces stay as they are.

// ReconfigRules are the rules by which the members change. The zero value is etcd's defaults.
type ReconfigRules struct {
	StrictReconfigCheck OnByDefault  `yaml:"strict-reconfig-check,omitempty" json:",omitzero"`
	MaxLearners         LearnerLimit `yaml:"max-learners,omitempty" json:",omitzero"`
	StepDownOnRemoval   bool         `yaml:"step-down-on-removal,omitempty" json:",omitzero"`
}

// StoreSpec holds the key-value store's settings.
type StoreSpec struct {
	SnapshotCount  uint64         `yaml:"snapshot-count,omitempty"`   // entries; on etcd 0 is its default
	CatchUpEntries uint64         `yaml:"catch-up-entries,omitempty"` // on etcd 0 is its default
	Quota          Size           `yaml:"quota,omitempty"`            // 0: etcd's default of 2 GiB
	AutoCompaction AutoCompaction `yaml:"auto-compaction,omitempty"`
	CorruptCheck   time.Duration  `yaml:"corrupt-check,omitempty"` // 0: never
}

// SetDefaults sets etcd's defaults.
func (s *StoreSpec) SetDefaults() { *s = StoreSpec{SnapshotCount: 10_000, CatchUpEntries: 5_000} }

// TLSSpec says what a cluster encrypts and who must present a certificate. The
// zero value is a cluster that talks in plaintext.
type TLSSpec struct {
	Peers              bool          `yaml:"peers,omitempty"`
	Clients            bool          `yaml:"clients,omitempty"`
	ClientCertificates bool          `yaml:"client-certificates,omitempty"`
	Roles              bool          `yaml:"roles,omitempty"`
	ServerLifetime     time.Duration `yaml:"server-lifetime,omitempty"` // 0: as long as any run
}

// Setting is a setting of the cluster, or a group of them.
type Setting struct {
	Path    string // in a scenario's file, like "cluster.store.quota"
	About   string // what it is, in a sentence or two
	Default string // as people write it: "10000", "never"; empty: the sentence has it
	Only    string // the engine that has it, like "etcd"; empty: every engine
	// Lacks says why an engine refuses a scenario that changes it, by the engine's name. An engine that
	// is not named has the setting, or ignores it.
	Lacks map[string]string
	// Changed reports whether the setting is other than a cluster without it: what Lacks refuses.
	Changed func(c *ClusterSpec) bool
	// Bad returns what is wrong with the value, by itself or together with others, or nil.
	Bad func(c *ClusterSpec) error
	// Stored: it concerns the database files, so a run with it reports their sizes.
	Stored bool
	// PerMember: members may differ in it, from the start or from a restart on. MemberSettings has the field.
	PerMember bool
}

// Settings lists the settings of a cluster in the order of the scenario's file.
func Settings() []Setting { return settings }

var settings = []Setting{
	{
		Path: "cluster.members", Default: "3",
		About: "The number of voters, named n1, n2 and so on; or a list of members.",
	},
	{
		Path: "cluster.heartbeat", PerMember: true, Default: "100ms",
		About: "How often a leader sends heartbeats.",
	},
	{
		Path: "cluster.election", PerMember: true, Default: "1s",
		About: "How long a follower waits for a leader before it campaigns: a value, or (sim only) a range whose end " +
			"is at most twice its start.",
	},
	{
		Path: "cluster.tick", Default: "the heartbeat; 1ms when election is a range", Only: "sim",
		About: "The length of raft's clock tick.",
	},
	{
		Path: "cluster.pre-vote", PerMember: true, Default: "true",
		About: "Whether a member asks if it could win before it campaigns in a new term.",
	},
	{
		Path: "cluster.check-quorum", PerMember: true, Default: "true",
		About: "Whether a leader steps down when it has not heard from a quorum for an election timeout.",
		Lacks: map[string]string{
			"etcd": "etcd's leaders always check their quorum; the sim engine can turn it off",
		},
		Changed: func(c *ClusterSpec) bool { return !c.CheckQuorum },
	},
	{
		Path: "cluster.strict-reconfig-check", Default: "true",
		About: "Whether the leader refuses a change of the members that would endanger the quorum, like etcd's " +
			"--strict-reconfig-check: it counts the voters that have started, and those that it has been connected to for " +
			"five seconds.",
	},
	{
		Path: "cluster.max-learners", Default: "1",
		About: "How many learners there may be at once, like etcd's --max-learners. Those that a cluster starts with are " +
			"not refused, but count.",
	},
	{
		Path: "cluster.step-down-on-removal", Default: "false", Only: "sim",
		About: "Whether a leader that is removed steps down at once, as raft's StepDownOnRemoval has it, and does not lead " +
			"on until its process stops.",
		Lacks: map[string]string{
			"etcd": "etcd's server does not use raft's StepDownOnRemoval; the sim engine can",
		},
		Changed: func(c *ClusterSpec) bool { return c.StepDownOnRemoval },
	},
	{
		Path:  "cluster.network",
		About: "Every link between two members, in one direction.",
	},
	{
		Path:  "cluster.links",
		About: "Links that differ from the network. Later rules win.",
	},
	{
		Path: "cluster.client-link", Default: "300us..700us",
		About: "The time between a client and a member, in one direction. On sim and on etcd-virtual; on etcd " +
			"clients come over loopback.",
	},
	{
		Path:  "cluster.disk",
		About: "The members' disks.",
	},
	{
		Path: "cluster.disk.fsync", Default: "{p50: 2ms, p99: 8ms} on sim and on etcd-virtual, the machine's own on etcd",
		About: "How long an fsync takes. On etcd this is a minimum: a slower machine stays as slow as it is.",
	},
	{
		Path: "cluster.disk.mode", Default: "etcd", Only: "sim",
		About: "How a member writes its log: etcd (as etcd's raft loop does) or async (raft's AsyncStorageWrites).",
		Lacks: map[string]string{
			"etcd": "etcd waits for its log to be written; the sim engine supports both modes",
		},
		Changed: func(c *ClusterSpec) bool { return c.Disk.Mode == "async" },
		Bad: func(c *ClusterSpec) error {
			return oneOf(c.Disk.Mode, `the mode must be "etcd" or "async", not %q`, "etcd", "async")
		},
	},
	{
		Path:  "cluster.store",
		About: "The key-value store's settings.",
	},
	{
		Path: "cluster.store.snapshot-count", PerMember: true, Default: "10000",
		About: "The number of log entries between two snapshots.",
		Bad: func(c *ClusterSpec) error {
			return badIf(c.Store.SnapshotCount == 0, "a snapshot every 0 entries is not possible; the minimum is 1")
		},
	},
	{
		Path: "cluster.store.catch-up-entries", PerMember: true, Default: "5000",
		About: "How many log entries are kept for slow followers when a snapshot compacts the log.",
	},
	{
		Path: "cluster.store.quota", PerMember: true, Default: "etcd's own, 2GiB", Only: "etcd", Stored: true,
		About: "How large the store may grow.",
		Lacks: map[string]string{
			"sim": "the sim engine's store has no size on disk; the etcd engine has",
		},
		// etcd's own is what no run on sim could reach.
		Changed: func(c *ClusterSpec) bool { return c.Store.Quota != 0 && c.Store.Quota != 2<<30 },
	},
	{
		Path: "cluster.store.auto-compaction", PerMember: true, Default: "off", Only: "etcd", Stored: true,
		About: "Which old revisions the store drops by itself: off (none), a period like 5s (all older ones), or a " +
			"number like 1000 (all but the newest 1000; etcd checks every 5 minutes).",
		Lacks: map[string]string{
			"sim": "the sim engine's store compacts only when a statement says so; the etcd engine's can by itself",
		},
		Changed: func(c *ClusterSpec) bool { return c.Store.AutoCompaction != AutoCompaction{} },
		Bad: func(c *ClusterSpec) error {
			a := c.Store.AutoCompaction
			return badIf(a.Period < 0 || a.Revisions < 0 || a.Period > 0 && a.Revisions > 0,
				"it must be off, a period or a number of revisions")
		},
	},
	{
		Path: "cluster.store.corrupt-check", Default: "never", Only: "etcd", Stored: true,
		About: "How often the leader compares the members' states and raises the CORRUPT alarm when they differ.",
		Lacks: map[string]string{
			"sim": "the sim engine's members have no database that could be damaged; the etcd engine's do",
		},
		Changed: func(c *ClusterSpec) bool { return c.Store.CorruptCheck > 0 },
		Bad: func(c *ClusterSpec) error {
			return badIf(c.Store.CorruptCheck < 0, "%s is negative; 0 means never", FormatDuration(c.Store.CorruptCheck))
		},
	},
	{
		Path: "cluster.process", Default: "shared", Only: "etcd",
		About: "Where the members run: shared (all in this program) or own (each in a process of its own, with a real " +
			"kill -9, SIGSTOP and /metrics).",
		Bad: func(c *ClusterSpec) error {
			return oneOf(c.Process, `the process must be "shared" or "own", not %q`, "", ProcessShared, ProcessOwn)
		},
	},
	{
		Path: "cluster.metrics", Default: "basic", Only: "etcd",
		About: "How much the members' /metrics show, like etcd's --metrics.",
		Bad: func(c *ClusterSpec) error {
			return oneOf(c.Metrics, `the metrics must be "basic" or "extensive", not %q`, "", MetricsBasic, MetricsExtensive)
		},
	},
	{
		Path: "cluster.tls", Default: "nothing", Only: "etcd",
		About: "What is encrypted, and who must present a certificate.",
		Lacks: map[string]string{
			"sim": "the sim engine's messages never become bytes that could be encrypted; the etcd engine's do",
		},
		Changed: func(c *ClusterSpec) bool { return c.TLS != TLSSpec{} },
	},
	{
		Path: "cluster.tls.peers", Default: "false",
		About: "Whether the members talk to each other over TLS, each with a certificate of its own that rotate-certs " +
			"renews. On etcd they have private ones without it, too, by which link faults tell who asks whom.",
	},
	{
		Path: "cluster.tls.clients", Default: "false",
		About: "Whether clients and members talk over TLS.",
	},
	{
		Path: "cluster.tls.client-certificates", Default: "false",
		About: "Whether a client must present a certificate from the clients' authority. Needs clients.",
		Bad: func(c *ClusterSpec) error {
			return badIf(c.TLS.ClientCertificates && !c.TLS.Clients,
				"certificates are presented only over TLS: this needs clients: true")
		},
	},
	{
		Path: "cluster.tls.roles", Default: "false",
		About: "Whether etcd takes the common name of a client's certificate as its user, who may do what its roles " +
			"allow: alice reads and writes below pub/, bob nothing. Needs client-certificates.",
		Bad: func(c *ClusterSpec) error {
			return badIf(c.TLS.Roles && !c.TLS.ClientCertificates,
				"users are identified by their certificates: this needs client-certificates: true")
		},
	},
	{
		Path: "cluster.tls.server-lifetime", Default: "as long as any run",
		About: "How long after the start the members' first certificates for clients are valid, in whole seconds. " +
			"Needs clients.",
		Bad: func(c *ClusterSpec) error {
			switch d := c.TLS.ServerLifetime; {
			case d != 0 && !c.TLS.Clients:
				return fmt.Errorf("there are no such certificates without clients: true")
			case d < 0 || d%time.Second != 0:
				return fmt.Errorf("%s is not a whole number of seconds, and a certificate can't be more exact", FormatDuration(d))
			}
			return nil
		},
	},
}

func badIf(bad bool, format string, args ...any) error {
	if !bad {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func oneOf[T comparable](v T, format string, known ...T) error {
	return badIf(!slices.Contains(known, v), format, v)
}

// Describe is the whole text of a setting for people: what it is, the default, and which engine has it.
func (s Setting) Describe() string {
	text := s.About
	if s.Default != "" {
		text += " Default: " + s.Default + "."
	}
	switch s.Only {
	case "":
	case "sim":
		text += " Sim only."
	default:
		text += " Etcd only."
	}
	if s.PerMember {
		text += " Members may differ in it."
	}
	return text
}

// SettingNamed finds a setting by its path.
func SettingNamed(path string) (Setting, bool) {
	i := slices.IndexFunc(settings, func(s Setting) bool { return s.Path == path })
	if i < 0 {
		return Setting{}, false
	}
	return settings[i], true
}

// RefuseSettings lists the settings that the engine of this name lacks and the cluster changes.
func RefuseSettings(engine string, c *ClusterSpec) (rs []Refusal) {
	for _, s := range settings {
		if why := s.Lacks[engine]; why != "" && s.Changed(c) {
			rs = append(rs, Refusal{What: s.Path, Reason: why})
		}
	}
	return rs
}

// ConcernsFiles reports whether a setting of the cluster concerns the members' database files.
func (c *ClusterSpec) ConcernsFiles() bool {
	return slices.ContainsFunc(settings, func(s Setting) bool { return s.Stored && s.Changed(c) })
}
