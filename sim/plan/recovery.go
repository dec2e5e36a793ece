package plan

import "fmt"

// Recovery is how long it takes to have all members back.
type Recovery struct {
	Answer
	Member  float64 `json:"member_s"`   // a member that has lost its disk
	CatchUp float64 `json:"catch_up_s"` // how long a member can be away and still get by with the log
	Restore float64 `json:"restore_s"`  // all members from a snapshot, after the quorum's data is lost
}

// recovery takes 1.5 times the pure reading, as etcd's hardware guide has it: 100 MB in 15 s
// at 10 MB/s.
func recovery(in *Input, g *Growth, f *Failover) Recovery {
	r := Recovery{}
	var rate float64
	for _, l := range loads(in) {
		rate += l.Rate
	}
	read := snapshotShare * g.Peak / float64(in.Bandwidth)
	r.Member = read
	if rate > 0 {
		r.CatchUp = catchUp / rate
	}
	// Each member reads the same file and writes its own; then they elect.
	r.Restore = 2*read + f.P99/1e3
	r.Text = fmt.Sprintf("A replaced member has the data in %s.", spell(r.Member))
	if rate > 0 {
		r.Text += fmt.Sprintf(" One that was away for less than %s gets the log instead of a snapshot.", spell(r.CatchUp))
	}
	r.Text += fmt.Sprintf(" All members from a saved snapshot: %s; what came after it was saved is lost.", spell(r.Restore))
	r.Rule = "1.5 x file / bandwidth; 5,000 entries are kept behind a snapshot; a restore copies the file twice and elects"
	r.Source = "etcd's hardware guide (100 MB in 15 s at 10 MB/s); disaster recovery guide"
	return r
}
