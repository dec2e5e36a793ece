package plan

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/sim"
)

// Input is the cluster that is planned. Its fields are the keys of a plan file and the
// flags of the command; their tags are the manual. SetDefaults says what holds where
// nothing is said.
type Input struct {
	Members int       `yaml:"members,omitempty" about:"voting members (3, or as many as the zones hold)"`
	Zones   Placement `yaml:"zones,omitempty" about:"members in each zone, like 2+2+1 (none: members fail independently)"`

	RTT     sim.Distribution `yaml:"rtt,omitempty" about:"round trip between members, of different zones where there are some (1ms)"`
	ZoneRTT sim.Distribution `yaml:"zone-rtt,omitempty" about:"round trip within a zone (500us)"`
	// Loss is what share of the messages is lost.
	Loss  sim.Share        `yaml:"loss,omitempty" about:"share of messages that are lost (0%)"`
	Fsync sim.Distribution `yaml:"fsync,omitempty" about:"how long a WAL fsync takes, like 5ms or 'p50 2ms p95 8ms p99.9 1s', or as measured, @metrics.txt or @fio.json (p50 2ms p99 8ms)"`

	Heartbeat Span `yaml:"heartbeat,omitempty" about:"heartbeat to judge (the advised one)"`
	Election  Span `yaml:"election,omitempty" about:"election timeout to judge (the advised one)"`

	MTTF     Span `yaml:"mttf,omitempty" about:"mean time to failure of a member (90d)"`
	MTTR     Span `yaml:"mttr,omitempty" about:"mean time to repair a member (4h)"`
	ZoneMTTF Span `yaml:"zone-mttf,omitempty" about:"mean time to a zone outage (1y)"`
	ZoneMTTR Span `yaml:"zone-mttr,omitempty" about:"mean length of a zone outage (2h)"`

	WriteRate Rate     `yaml:"write-rate,omitempty" about:"overwrites of keys, like 200/s (100/s; 0/s with nodes)"`
	NewKeys   Rate     `yaml:"new-keys,omitempty" about:"puts of keys that stay, like 50/h (0/s)"`
	Keys      Count    `yaml:"keys,omitempty" about:"keys at the start (10000; 0 with nodes)"`
	KeySize   sim.Size `yaml:"key-size,omitempty" about:"size of a key (64B)"`
	ValueSize sim.Size `yaml:"value-size,omitempty" about:"size of a value (1KiB)"`
	History   Span     `yaml:"history,omitempty" about:"window of revisions that compaction keeps (5m)"`
	Quota     sim.Size `yaml:"quota,omitempty" about:"quota of the database; etcd advises at most 8GiB (2GiB)"`

	Nodes Count `yaml:"nodes,omitempty" about:"Kubernetes: nodes (0)"`
	Pods  Count `yaml:"pods,omitempty" about:"Kubernetes: pods (30 a node)"`
	Churn Rate  `yaml:"churn,omitempty" about:"Kubernetes: pods replaced, like 600/h (each twice a day)"`

	Watches   Count    `yaml:"watches,omitempty" about:"open watches, each on a connection of its own (0)"`
	Bandwidth sim.Size `yaml:"bandwidth,omitempty" about:"bytes a second that recovery reads and writes (100MB)"`
}

// SetDefaults fills in what holds where nothing is said. What depends on other fields is
// left at zero until Make.
func (in *Input) SetDefaults() {
	hours := func(n int) Span { return Span(time.Duration(n) * time.Hour) }
	*in = Input{
		RTT: sim.Fixed(time.Millisecond), ZoneRTT: sim.Fixed(500 * time.Microsecond),
		Fsync: sim.Distribution{P50: 2 * time.Millisecond, P99: 8 * time.Millisecond},
		MTTF:  hours(90 * 24), MTTR: hours(4), ZoneMTTF: Span(Year), ZoneMTTR: hours(2),
		WriteRate: unset, Keys: unset, Pods: unset, Churn: unset,
		KeySize: 64, ValueSize: 1 << 10, History: Span(5 * time.Minute), Quota: 2 << 30, Bandwidth: 100e6,
	}
}

// unset marks numbers whose default depends on others and whose zero is a value.
const unset = -1

// complete gives the dependent defaults.
func (in *Input) complete() {
	if in.Members == 0 {
		in.Members = 3
		if len(in.Zones) > 0 {
			in.Members = in.Zones.Members()
		}
	}
	if in.WriteRate == unset {
		in.WriteRate = 100
		if in.Nodes > 0 {
			in.WriteRate = 0
		}
	}
	if in.Keys == unset {
		in.Keys = 10_000
		if in.Nodes > 0 && in.WriteRate == 0 {
			in.Keys = 0
		}
	}
	if in.Pods == unset {
		in.Pods = 30 * in.Nodes
	}
	if in.Churn == unset {
		in.Churn = Rate(float64(in.Pods) * 2 / (24 * 3600))
	}
}

func (in *Input) member() Repair { return Repair{time.Duration(in.MTTF), time.Duration(in.MTTR)} }
func (in *Input) zone() Repair   { return in.failing() }

// Bounds of what can be planned. Beyond them no rule here has been tested.
const (
	MostMembers = 15
	MostZones   = 9
	mostQuota   = 8 << 30 // that etcd advises
	mostRequest = 3 << 19 // 1.5 MiB
	mostElect   = 50 * time.Second
	mostNodes   = 5000
	mostPods    = 150_000
	mostPerNode = 110
	mostCount   = 100_000_000
)

// bounds are those of the fields that are whole numbers. Validate and the help are made of them.
var bounds = map[string][2]int{
	"members": {1, MostMembers},
	"keys":    {0, mostCount},
	"nodes":   {0, mostNodes},
	"pods":    {0, mostPods},
	"watches": {0, mostCount},
}

// Bounds are the least and the most that a field can be; false: it is no whole number.
func Bounds(field string) (least, most int, ok bool) {
	b, ok := bounds[field]
	return b[0], b[1], ok
}

// outside reports whether a field's number is out of its bounds.
func outside(field string, n int) bool { return n < bounds[field][0] || n > bounds[field][1] }

// InputProblem is an impossible part of an input: the field by its name, and why.
type InputProblem struct {
	Field string
	Err   error
}

// Validate lists what is impossible, in the order of the fields. named are the fields that were given: a zero of
// theirs is meant.
func (in Input) Validate(named ...string) (ps []InputProblem) {
	given := in
	none := in.Members == 0 && slices.Contains(named, "members")
	in.complete()
	bad := func(no bool, field, format string, args ...any) {
		if no {
			ps = append(ps, InputProblem{field, fmt.Errorf(format, args...)})
		}
	}
	bad(none || outside("members", in.Members), "members", "a plan must have 1 to %d members, not %d; etcd advises "+
		"at most 7", MostMembers, given.Members)
	if len(ps) > 0 {
		return ps
	}
	bad(len(in.Zones) > MostZones, "zones", "a plan may have at most %d zones, not %d", MostZones, len(in.Zones))
	bad(in.places().Members() != in.Members, "zones", "the zones %s hold %d members, not the %d of the cluster", in.Zones,
		in.Zones.Members(), in.Members)
	bad(in.Loss > 900_000, "loss", "with more than 90%% of messages lost no leader lasts; the loss is %s", in.Loss)
	bad(longer(in.RTT), "rtt", "a round trip of up to %s can't work: etcd allows election timeouts up to 50s, and they "+
		"must be at least 10 round trips", in.RTT)
	bad(longer(in.ZoneRTT), "zone-rtt", "a round trip of up to %s can't work: etcd allows election timeouts up to 50s, "+
		"and they must be at least 10 round trips", in.ZoneRTT)
	bad(longer(in.Fsync), "fsync", "an fsync of up to %s can't work: the leader has no time for heartbeats within 50s, "+
		"etcd's longest election timeout", in.Fsync)
	ps = append(ps, in.withoutZones()...)
	ps = append(ps, given.election()...)
	bad(in.MTTF <= 0, "mttf", "must be above 0: a member that fails at once is no member")
	bad(in.ZoneMTTF <= 0, "zone-mttf", "must be above 0; for zones that do not fail give zone-mttr 0s")
	bad(in.KeySize < 1, "key-size", "etcd refuses empty keys")
	bad(in.KeySize+in.ValueSize > mostRequest, "value-size", "a put of %s is over etcd's limit of 1.5MiB a request",
		in.KeySize+in.ValueSize)
	bad(in.History <= 0, "history", "must be above 0: compaction keeps a window of at least one revision")
	bad(in.Quota < 1<<20, "quota", "%s is too small for any database; etcd's default is 2GiB", in.Quota)
	bad(outside("nodes", int(in.Nodes)), "nodes", "Kubernetes supports up to %d nodes, not %d", mostNodes, in.Nodes)
	bad(in.Pods > 0 && in.Nodes == 0, "pods", "%d pods need nodes to run on; give nodes", in.Pods)
	bad(outside("pods", int(in.Pods)), "pods", "Kubernetes supports up to %d pods, not %d", mostPods, in.Pods)
	bad(in.Nodes > 0 && in.Pods > mostPerNode*in.Nodes, "pods", "%d pods do not fit on %d nodes: at most %d a node",
		in.Pods, in.Nodes, mostPerNode)
	bad(in.Churn > 0 && in.Pods == 0, "churn", "there are no pods to replace; give nodes and pods")
	bad(in.WriteRate > 0 && in.Keys == 0, "keys", "overwrites need keys to overwrite; give keys")
	bad(in.Bandwidth < 1<<10, "bandwidth", "recovery at %s a second never ends", in.Bandwidth)
	return ps
}

// longer reports whether a time leaves no room for ten of it in etcd's longest election
// timeout.
func longer(l sim.Distribution) bool { return 10*meanOf(l) > ms(mostElect) }

// election checks timeouts that were given as etcd does at its start.
func (in Input) election() (ps []InputProblem) {
	h, e := time.Duration(in.Heartbeat), time.Duration(in.Election)
	switch {
	case h == 0 && e == 0:
	case h == 0:
		ps = append(ps, InputProblem{"election", fmt.Errorf("is given without a heartbeat")})
	case e == 0:
		ps = append(ps, InputProblem{"heartbeat", fmt.Errorf("is given without an election timeout")})
	case 5*h > e:
		ps = append(ps, InputProblem{"election", fmt.Errorf("%s is refused by etcd: it requires at least 5 heartbeats of %s",
			in.Election, in.Heartbeat)})
	case e > mostElect:
		ps = append(ps, InputProblem{"election", fmt.Errorf("%s is refused by etcd: the maximum is 50s", in.Election)})
	case e%h != 0 && e/h*h < 5*h:
		ps = append(ps, InputProblem{"election", fmt.Errorf("%s is not a whole number of heartbeats", in.Election)})
	}
	return ps
}
