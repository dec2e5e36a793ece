package plan

import (
	"fmt"
	"math"
)

// Recovery is how long it takes to have all members back.
type Recovery struct {
	Answer
	Member  float64         `json:"member_s"`   // a member that has lost its disk
	CatchUp float64         `json:"catch_up_s"` // how long a member can be away and still get by with the log
	Restore float64         `json:"restore_s"`  // all members from a snapshot, after the quorum's data is lost
	Curve   []RecoveryPoint `json:"curve"`
}

// RecoveryPoint is how long a database of a size takes.
type RecoveryPoint struct {
	Bytes   float64 `json:"bytes"`
	Member  float64 `json:"member_s"`
	Restore float64 `json:"restore_s"`
}

// Reading is how many seconds a member takes to receive and store a database, at a
// bandwidth in bytes a second: half as long again as to read it once, as etcd's
// hardware guide has it (100 MB in 15 s at 10 MB/s, 1 GB in 15 s at 100 MB/s).
func receiving(bytes, bandwidth float64) float64 { return snapshotShare * bytes / bandwidth }

// restoring takes as long for each of the saved file and the members' own, side by side
// on all, and then they elect.
func restoring(bytes, bandwidth float64, f *Failover) float64 {
	return 2*receiving(bytes, bandwidth) + f.P99/1e3
}

// recoveries are databases from 1 MB to the 8 GiB that etcd advises at most, or to a larger quota.
func recoveries(bandwidth, quota float64, f *Failover) (ps []RecoveryPoint) {
	for i := range 41 {
		b := 1e6 * math.Pow(max(mostQuota, quota)/1e6, float64(i)/40)
		ps = append(ps, RecoveryPoint{b, receiving(b, bandwidth), restoring(b, bandwidth, f)})
	}
	return ps
}

func recovery(in *Input, g *Growth, f *Failover) Recovery {
	r := Recovery{}
	var rate float64
	for _, l := range loads(in) {
		rate += l.Rate
	}
	bandwidth := float64(in.Bandwidth)
	r.Member, r.Restore = receiving(g.Peak, bandwidth), restoring(g.Peak, bandwidth, f)
	r.Curve = recoveries(bandwidth, float64(in.Quota), f)
	if rate > 0 {
		r.CatchUp = catchUp / rate
	}
	r.Text = fmt.Sprintf("A replaced member has its data back in %s.", spell(r.Member))
	if rate > 0 {
		r.Text += fmt.Sprintf(" One that was away for less than %s gets the log instead of a snapshot.", spell(r.CatchUp))
	}
	r.Text += fmt.Sprintf(" Restoring all members from a saved snapshot takes %s; everything written after it is lost.",
		spell(r.Restore))
	r.Rule = "1.5 x file / bandwidth; 5,000 entries are kept when a snapshot compacts the log; a restore copies the " +
		"file twice and elects a leader"
	r.Source = "etcd's hardware guide (100 MB in 15 s at 10 MB/s); disaster recovery guide"
	return r
}
