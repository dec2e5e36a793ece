package scenarios

import (
	"time"

	"quorumlab/sim"
)

// The types of a scenario file. The comments on their fields are what an editor
// shows: schema.json is generated from them. setDefaults says what holds where the
// file says nothing; the values are etcd's where etcd has one.

type file struct {
	// The scenario's name, the same as the file's without .yaml: lower-case words joined by dashes.
	Name string `yaml:"name,omitempty"`
	// One line: what the scenario shows.
	Title string `yaml:"title,omitempty"`
	// The chapter of the book that it belongs to, like "40.3".
	Chapter string `yaml:"chapter,omitempty"`
	// What to watch for, in a few sentences.
	About string `yaml:"about,omitempty,block"`
	// Where it can run: sim (virtual time, the raft library) and etcd (real time, real members). Default: both.
	Engines []string `yaml:"engines,omitempty,flow" jsonschema:"enum=sim,enum=etcd"`
	// The seed of all random draws. Default: 1.
	Seed uint64 `yaml:"seed,omitempty"`
	// The WebAssembly module of an exact run, by its hash, as "sha256:..." or any: quorumlab run and shrink then
	// run it on etcd-virtual, exactly, and refuse another module. Default: none.
	Module string `yaml:"module,omitempty"`
	// The cluster at the start.
	Cluster cluster `yaml:"cluster,omitempty"`
	// What the clients do. Without it there is no load.
	Workload workload `yaml:"workload,omitempty"`
	// The script: what goes wrong and when, in order of time.
	Steps []step `yaml:"steps,omitempty"`
	// How long the run takes.
	Run duration `yaml:"run"`
	// Alert rules that etcd's operators use, evaluated on the members' metrics during the run. Without it nothing is
	// scraped. Etcd only, with cluster.process: own.
	Alerts alerts `yaml:"alerts,omitempty,flow"`
	// A measure, like failover: the run ends as soon as it is known, without waiting for clients. Sim only.
	Until string `yaml:"until,omitempty"`
	// What must be true of the run: CHECK, not CHECK, MEASURE[FROM..TO] OP VALUE, or of a
	// statement: refused compact 1000000.
	Expect []expectation `yaml:"expect,omitempty"`
	// How quorumlab sweep runs it many times; quorumlab run ignores it.
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

// sim/settings.go says what the fields are.
type cluster struct {
	Members     members      `yaml:"members,omitempty"`
	Heartbeat   duration     `yaml:"heartbeat,omitempty"`
	Election    distribution `yaml:"election,omitempty"`
	Tick        duration     `yaml:"tick,omitempty"`
	PreVote     bool         `yaml:"pre-vote,omitempty"`
	CheckQuorum bool         `yaml:"check-quorum,omitempty"`

	sim.ReconfigRules `yaml:",inline"`

	Network    link             `yaml:"network,omitempty,flow"`
	Links      []linkRule       `yaml:"links,omitempty"`
	ClientLink distribution     `yaml:"client-link,omitempty"`
	Disk       disk             `yaml:"disk,omitempty,flow"`
	Store      sim.StoreSpec    `yaml:"store,omitempty,flow"`
	Process    sim.ProcessMode  `yaml:"process,omitempty" jsonschema:"enum=shared,enum=own"`
	Metrics    sim.MetricsLevel `yaml:"metrics,omitempty" jsonschema:"enum=basic,enum=extensive"`
	TLS        sim.TLSSpec      `yaml:"tls,omitempty,flow"`
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
	c.Store.SetDefaults()
}

type member struct {
	// The member's name. Default: n1 for the first, n2 for the second and so on.
	Name string `yaml:"name,omitempty"`
	// The member's zone. Default: none.
	Zone string `yaml:"zone,omitempty"`
	// voter, or learner: a member without a vote. Default: voter.
	Role role `yaml:"role,omitempty"`

	sim.MemberSettings `yaml:",inline"`
}

func (m *member) setDefaults() { *m = member{Role: role(sim.Follower)} }

type link struct {
	// How long a message takes. Default: 300us..700us.
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
	// Whether the rule applies only in the direction from -> to. Default: false.
	OneWay bool `yaml:"one-way,omitempty"`
	// How long a message takes. Default: the network's.
	Latency *distribution `yaml:"latency,omitempty"`
	// The share of messages that get lost. Default: the network's.
	Loss *sim.Share `yaml:"loss,omitempty"`
}

type disk struct {
	Fsync *distribution `yaml:"fsync,omitempty"`
	Mode  string        `yaml:"mode,omitempty" jsonschema:"enum=etcd,enum=async"`
}

// usualFsync is that of a disk that etcd's documentation finds good enough.
var usualFsync = sim.Distribution{P50: 2 * time.Millisecond, P99: 8 * time.Millisecond}

func (d *disk) setDefaults() { *d = disk{Mode: "etcd"} }

type workload struct {
	// The number of clients. Default: 8.
	Clients int `yaml:"clients,omitempty"`
	// Operations a second of all clients together, started whether or not earlier ones have returned, like 200/s. Without
	// it each client begins its next operation when the previous one has returned.
	Rate rate `yaml:"rate,omitempty"`
	// The weights of the operations. Default: {put: 70, get: 20, cas: 10}.
	Mix mix `yaml:"mix,omitempty,flow"`
	// The number of keys. Default: 64.
	Keys int `yaml:"keys,omitempty"`
	// The size of a value. Default: 256B.
	Value sim.Size `yaml:"value,omitempty"`
	// How gets are served: linearizable, lease (sim only) or serializable. Default: linearizable.
	Reads sim.ReadMode `yaml:"reads,omitempty"`
	// How long a client waits for an answer. Default: etcd's rule, 5s plus twice the election timeout.
	Timeout *duration `yaml:"timeout,omitempty"`
	// The members that the clients are connected to: all, leader, followers or names. Default: all.
	Via group `yaml:"via,omitempty"`

	sim.Habits `yaml:",inline"`
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
	// The weight of steps with leases (etcd): a client without one gets one and keeps it alive; one that has one
	// revokes it, or leaves it alone until it expires.
	Lease int `yaml:"lease,omitempty"`
	// The weight of turns with a lock that all clients share (etcd): the client takes it by the recipe of etcd's client,
	// writes to what it guards, and gives it back.
	Lock int `yaml:"lock,omitempty"`
}

type alerts struct {
	// How often the metrics of each member are scraped and the rules evaluated. Default: 1s.
	Scrape duration `yaml:"scrape,omitempty"`
	// What the rules' windows and waits are divided by, so that a short run shows what takes minutes in production;
	// thresholds stay the same. At most 30s / scrape. Default: 30.
	Pace int `yaml:"pace,omitempty"`
}

func (a *alerts) setDefaults() { *a = alerts{Scrape: duration(time.Second), Pace: 30} }

type step struct {
	// When it happens, counted from the start of the run.
	At duration `yaml:"at"`
	// The step happens at a moment drawn from the seed, between at and this much later. Default: 0, exactly at that time.
	Within duration `yaml:"within,omitempty"`
	// How long until the fault ends by itself. Without it, the fault lasts until something repairs it.
	For duration `yaml:"for,omitempty"`
	// What happens.
	Do statement `yaml:"do"`
}

type sweep struct {
	// The number of trials of each variation; trial i runs with the scenario's seed plus i. Default: 1000.
	Trials int `yaml:"trials,omitempty"`
	// What is read off each trial: measures like failover or writes.ok[6s..14s], or comparisons like elections.failed >=
	// 1, which give a share. Default: the measures that the scenario's expectations compare, or failover if there are
	// none.
	Measures []reading `yaml:"measures,omitempty,flow"`
	// What judges each trial besides the expectations: names of checks, or none. Default: all checks that are always on.
	Checks []string `yaml:"checks,omitempty,flow"`
	// Trials that the report shows message by message.
	Show []example `yaml:"show,omitempty"`
	// The theory whose closed forms the plots show next to the results: election-theory (derived in package sim/sweep).
	Against string `yaml:"against,omitempty" jsonschema:"enum=election-theory"`
	// The settings that are varied. Each point of an axis is combined with each point of the others.
	Vary []axis `yaml:"vary,omitempty"`
}

type example struct {
	// The variation's name: the names of its points, separated by commas.
	Variation string `yaml:"variation"`
	// Which of the variation's trials, as a quantile of the sweep's first measure, like 75%.
	Quantile sim.Share `yaml:"quantile"`
	// What to see in its messages.
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
	// The number of trials, if it differs from the sweep's.
	Trials int `yaml:"trials,omitempty"`
	// The panel of the plots in which it is drawn. Default: a single panel.
	Panel string `yaml:"panel,omitempty"`
	// What others have published for it, drawn next to the results.
	Published published `yaml:"published,omitempty,flow"`
}

type published struct {
	// The minimum.
	Min duration `yaml:"min,omitempty"`
	// The 10th percentile.
	P10 duration `yaml:"p10,omitempty"`
	// The median.
	P50 duration `yaml:"p50,omitempty"`
	// The 90th percentile.
	P90 duration `yaml:"p90,omitempty"`
	// The 99th percentile.
	P99 duration `yaml:"p99,omitempty"`
	// The 99.9th percentile.
	P999 duration `yaml:"p99.9,omitempty"`
	// The maximum.
	Max duration `yaml:"max,omitempty"`
}
