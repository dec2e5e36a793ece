package scenarios

import (
	"time"

	"quorumlab/sim"
)

// The types of a scenario file. The comments on their fields are what an editor
// shows: schema.json is generated from them. setDefaults says what holds where the
// file says nothing; the values are etcd's where etcd has one.

type file struct {
	// The scenario's name, the same as the file's without .yaml: lower-case words with dashes.
	Name string `yaml:"name,omitempty"`
	// One line: what the scenario shows.
	Title string `yaml:"title,omitempty"`
	// The chapter of the book that it belongs to, like "40.3".
	Chapter string `yaml:"chapter,omitempty"`
	// What to watch for, in a few sentences.
	About string `yaml:"about,omitempty,block"`
	// Where it can run: sim (virtual time, the raft library) and etcd (real time, real members). Default: both.
	Engines []string `yaml:"engines,omitempty,flow" jsonschema:"enum=sim,enum=etcd"`
	// What all random draws come from. Default: 1.
	Seed uint64 `yaml:"seed,omitempty"`
	// The cluster at the start.
	Cluster cluster `yaml:"cluster,omitempty"`
	// What the clients do. Without it there is no load.
	Workload workload `yaml:"workload,omitempty"`
	// The script: what goes wrong when, in the order of time.
	Steps []step `yaml:"steps,omitempty"`
	// How long the run takes.
	Run duration `yaml:"run"`
	// The alert rules of etcd's operators, evaluated on the members' metrics during the run. Without it nothing is scraped. Etcd only, with cluster.process: own.
	Alerts alerts `yaml:"alerts,omitempty,flow"`
	// A measure, like failover: the run ends as soon as it is known, without waiting for clients. Sim only.
	Until string `yaml:"until,omitempty"`
	// What has to be true of the run: CHECK, not CHECK, or MEASURE[FROM..TO] OP VALUE.
	Expect []expectation `yaml:"expect,omitempty"`
	// How quorumlab sweep runs it many times; quorumlab run does not read it.
	Sweep sweep `yaml:"sweep,omitempty"`
}

func (f *file) setDefaults() {
	f.Engines = []string{"sim", "etcd"}
	f.Seed = 1
	f.Cluster.setDefaults()
	f.Workload.setDefaults()
	f.Workload.Clients = 0
	f.Alerts = alerts{}
}

type cluster struct {
	// How many voters, named n1, n2 and so on; or a list of members. Default: 3.
	Members members `yaml:"members,omitempty"`
	// How often a leader shows that it is there. Default: 100ms.
	Heartbeat duration `yaml:"heartbeat,omitempty"`
	// How long a follower waits for a leader before it campaigns: a value, or (sim only) a range that ends at most at twice its beginning. Default: 1s.
	Election distribution `yaml:"election,omitempty"`
	// The length of raft's clock tick. Default: the heartbeat; 1ms when election is a range. Sim only.
	Tick duration `yaml:"tick,omitempty"`
	// Whether a member asks if it could win before it campaigns in a new term. Default: true.
	PreVote bool `yaml:"pre-vote,omitempty"`
	// Whether a leader steps down when it has heard from no quorum for an election time. Default: true.
	CheckQuorum bool `yaml:"check-quorum,omitempty"`
	// Every link between two members, in one direction.
	Network link `yaml:"network,omitempty,flow"`
	// Links that differ from the network. Later rules win.
	Links []linkRule `yaml:"links,omitempty"`
	// The time between a client and a member, in one direction. Default: 300us..700us. Sim only.
	ClientLink distribution `yaml:"client-link,omitempty"`
	// The members' disks.
	Disk disk `yaml:"disk,omitempty,flow"`
	// The key-value store's settings.
	Store store `yaml:"store,omitempty,flow"`
	// Where the members run: shared (all in this program) or own (each in a process of its own, with a real kill -9, SIGSTOP and /metrics). Default: shared. Etcd only.
	Process sim.ProcessMode `yaml:"process,omitempty" jsonschema:"enum=shared,enum=own"`
	// How much the members' /metrics show, like etcd's --metrics. Default: basic. Etcd only.
	Metrics sim.MetricsLevel `yaml:"metrics,omitempty" jsonschema:"enum=basic,enum=extensive"`
	// What is encrypted, and who has to show a certificate. Default: nothing. Etcd only.
	TLS encryption `yaml:"tls,omitempty,flow"`
}

// lan is one way between two machines of one data centre.
var lan = distribution{Lo: 300 * time.Microsecond, Hi: 700 * time.Microsecond}

func (c *cluster) setDefaults() {
	*c = cluster{
		Members:     voters(3),
		Heartbeat:   duration(100 * time.Millisecond),
		Election:    distribution(sim.Fixed(time.Second)),
		PreVote:     true,
		CheckQuorum: true,
		ClientLink:  lan,
		Process:     sim.ProcessShared,
		Metrics:     sim.MetricsBasic,
	}
	c.Network.setDefaults()
	c.Disk.setDefaults()
	c.Store.setDefaults()
}

type member struct {
	// The member's name. Default: n1 for the first, n2 for the second and so on.
	Name string `yaml:"name,omitempty"`
	// The zone that the member stands in. Default: none.
	Zone string `yaml:"zone,omitempty"`
	// voter, or learner: a member without a vote. Default: voter.
	Role role `yaml:"role,omitempty"`
}

func (m *member) setDefaults() { *m = member{Role: role(sim.Follower)} }

type link struct {
	// The time that a message takes. Default: 300us..700us.
	Latency distribution `yaml:"latency,omitempty"`
	// The share of messages that get lost. Default: 0%.
	Loss sim.Share `yaml:"loss,omitempty"`
}

func (l *link) setDefaults() { *l = link{Latency: lan} }

type linkRule struct {
	// The members at one end: names, zones or all, like "n1 zone b".
	From group `yaml:"from"`
	// The members at the other end.
	To group `yaml:"to"`
	// Whether the rule is for the direction from -> to alone. Default: false.
	OneWay bool `yaml:"one-way,omitempty"`
	// The time that a message takes. Default: the network's.
	Latency *distribution `yaml:"latency,omitempty"`
	// The share of messages that get lost. Default: the network's.
	Loss *sim.Share `yaml:"loss,omitempty"`
}

type disk struct {
	// The time of an fsync. On etcd an fsync takes this at least, as the machine's own disk is there too. Default: {p50: 2ms, p99: 8ms} on sim, the machine's own on etcd.
	Fsync *distribution `yaml:"fsync,omitempty"`
	// How a member writes its log: etcd (as etcd's raft loop does) or async (raft's AsyncStorageWrites). Default: etcd. Sim only.
	Mode string `yaml:"mode,omitempty" jsonschema:"enum=etcd,enum=async"`
}

// usualFsync is that of a disk that etcd's documentation finds good enough.
var usualFsync = sim.Distribution{P50: 2 * time.Millisecond, P99: 8 * time.Millisecond}

func (d *disk) setDefaults() { *d = disk{Mode: "etcd"} }

type store struct {
	// How many log entries lie between two snapshots. Default: 10000.
	SnapshotCount uint64 `yaml:"snapshot-count,omitempty"`
	// How many log entries are kept behind a snapshot, for slow followers. Default: 5000.
	CatchUpEntries uint64 `yaml:"catch-up-entries,omitempty"`
	// How large the store may grow. Default: etcd's own, 2GiB. Etcd only.
	Quota sim.Size `yaml:"quota,omitempty"`
	// What old revisions the store drops by itself: off, all that are older than a period like 5s, or all but a number of the newest like 1000 (etcd looks every 5 minutes). Default: off. Etcd only.
	AutoCompaction sim.AutoCompaction `yaml:"auto-compaction,omitempty"`
	// How often the leader compares the members' states and raises the CORRUPT alarm when they differ. Default: never. Etcd only.
	CorruptCheck duration `yaml:"corrupt-check,omitempty"`
}

func (s *store) setDefaults() { *s = store{SnapshotCount: 10_000, CatchUpEntries: 5_000} }

type encryption struct {
	// Whether the members talk to each other in TLS, each with a certificate of its own. Default: false.
	Peers bool `yaml:"peers,omitempty"`
	// Whether clients and members talk in TLS. Default: false.
	Clients bool `yaml:"clients,omitempty"`
	// Whether a client must show a certificate of the clients' authority. Needs clients. Default: false.
	ClientCertificates bool `yaml:"client-certificates,omitempty"`
	// Whether etcd takes the common name of a client's certificate for its user, who may do what its roles allow: alice reads and writes below pub/, bob nothing. Needs client-certificates. Default: false.
	Roles bool `yaml:"roles,omitempty"`
	// How long after the start the members' first certificates for clients are good, in whole seconds. Needs clients. Default: as long as any run.
	ServerLifetime duration `yaml:"server-lifetime,omitempty"`
}

type workload struct {
	// How many clients there are. Default: 8.
	Clients int `yaml:"clients,omitempty"`
	// Operations a second of all clients together, whether or not earlier ones have returned, like 200/s. Without it each client begins its next operation when the one before has returned.
	Rate rate `yaml:"rate,omitempty"`
	// The weights of the operations. Default: {put: 70, get: 20, cas: 10}.
	Mix mix `yaml:"mix,omitempty,flow"`
	// How many keys there are, all equally likely. Default: 64.
	Keys int `yaml:"keys,omitempty"`
	// The size of a value. Default: 256B.
	Value sim.Size `yaml:"value,omitempty"`
	// How gets are served: linearizable, lease (sim only) or serializable. Default: linearizable.
	Reads sim.ReadMode `yaml:"reads,omitempty"`
	// How long a client waits for an answer. Default: etcd's rule, 5s and twice the election time.
	Timeout *duration `yaml:"timeout,omitempty"`
	// The members that the clients are connected to: all, leader, followers or names. Default: all.
	Via group `yaml:"via,omitempty"`
}

func (w *workload) setDefaults() {
	*w = workload{
		Clients: 8,
		Mix:     mix{Put: 70, Get: 20, CAS: 10},
		Keys:    64,
		Value:   256,
		Reads:   sim.ReadLinearizable,
		Via:     group{{By: sim.ByAll}},
	}
}

type mix struct {
	// The weight of writes.
	Put int `yaml:"put,omitempty"`
	// The weight of reads.
	Get int `yaml:"get,omitempty"`
	// The weight of compare-and-swaps.
	CAS int `yaml:"cas,omitempty"`
}

type alerts struct {
	// How often the metrics of each member are scraped and the rules evaluated. Default: 1s.
	Scrape duration `yaml:"scrape,omitempty"`
	// What the rules' windows and waits are divided by, so that a short run shows what takes minutes in production; thresholds stay. At most 30s / scrape. Default: 30.
	Pace int `yaml:"pace,omitempty"`
}

func (a *alerts) setDefaults() { *a = alerts{Scrape: duration(time.Second), Pace: 30} }

type step struct {
	// When it happens, since the start of the run.
	At duration `yaml:"at"`
	// The step comes at a moment drawn from the seed, from at on and within this time. Default: 0, just at that time.
	Within duration `yaml:"within,omitempty"`
	// After how long the fault ends by itself. Without it, it lasts until something mends it.
	For duration `yaml:"for,omitempty"`
	// What happens.
	Do statement `yaml:"do"`
}

type sweep struct {
	// How many trials each variation has; trial i runs with the scenario's seed plus i. Default: 1000.
	Trials int `yaml:"trials,omitempty"`
	// What is read off each trial: measures like failover or writes.ok[6s..14s], or comparisons like elections.failed >= 1, which give a share. Default: the measures that the scenario's expectations compare, or else failover.
	Measures []reading `yaml:"measures,omitempty,flow"`
	// What each trial is judged by beside the expectations: names of checks, or none. Default: all that is always judged.
	Checks []string `yaml:"checks,omitempty,flow"`
	// Trials that the report shows message by message.
	Show []example `yaml:"show,omitempty"`
	// The theory whose closed forms the plots lay beside what comes out: election-theory (package sim/sweep says how they come about).
	Against string `yaml:"against,omitempty" jsonschema:"enum=election-theory"`
	// The settings that are varied. Each point of an axis is run with each of the others.
	Vary []axis `yaml:"vary,omitempty"`
}

type example struct {
	// The variation's name: the names of its points, with commas.
	Variation string `yaml:"variation"`
	// The trial's place among the variation's, by the sweep's first measure, like 75%.
	Quantile sim.Share `yaml:"quantile"`
	// What there is to see in its messages.
	About string `yaml:"about"`
}

type axis struct {
	// What is varied, in a word or two.
	Name string `yaml:"name"`
	// The choices.
	Points []point `yaml:"points"`
}

type point struct {
	// The name of the choice, for tables and plots.
	Name string `yaml:"name"`
	// The settings that make it, like cluster.members=3, as for --set.
	Set []string `yaml:"set,omitempty"`
	// Another number of trials than the sweep's.
	Trials int `yaml:"trials,omitempty"`
	// The panel of the plots in which it is drawn. Default: there is one.
	Panel string `yaml:"panel,omitempty"`
	// What others have published for it, drawn beside what comes out here.
	Published published `yaml:"published,omitempty,flow"`
}

type published struct {
	// The least.
	Min duration `yaml:"min,omitempty"`
	// What 10 of 100 stay below.
	P10 duration `yaml:"p10,omitempty"`
	// The median.
	P50 duration `yaml:"p50,omitempty"`
	// What 90 of 100 stay below.
	P90 duration `yaml:"p90,omitempty"`
	// What 99 of 100 stay below.
	P99 duration `yaml:"p99,omitempty"`
	// The most.
	Max duration `yaml:"max,omitempty"`
}
