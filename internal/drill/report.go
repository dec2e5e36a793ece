package drill

import (
	"fmt"
	"strings"
	"time"
)

// RestoreOutcome is what a drill has come to.
type RestoreOutcome string

// The outcomes.
const (
	Right       RestoreOutcome = "right"        // restored, and every check is right
	Wrong       RestoreOutcome = "wrong"        // restored, but a check failed or a goal was missed
	NotRestored RestoreOutcome = "not restored" // the server did not come up
)

// Report is the result of a drill. Its JSON is one line of a history.
type Report struct {
	At      time.Time      `json:"at"`
	Outcome RestoreOutcome `json:"outcome"`
	Why     string         `json:"why,omitempty"` // it was not restored
	Backup  string         `json:"backup"`
	Version string         `json:"version"` // of PostgreSQL or etcd

	// What it took, in milliseconds.
	CopyMS   float64 `json:"copy_ms"`
	ReplayMS float64 `json:"replay_ms"`
	VerifyMS float64 `json:"verify_ms"`
	RTOMS    float64 `json:"rto_ms"`
	// Newest is when the newest commit of the restored server was made, and RPOMS how old it was when the drill
	// began; nil: no commit was replayed. Of etcd it is when the snapshot was saved.
	Newest *time.Time `json:"newest,omitempty"`
	RPOMS  *float64   `json:"rpo_ms,omitempty"`

	Checks []RestoreCheck `json:"checks"`
}

// RestoreCheck is the result of one check.
type RestoreCheck struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
}

// Check adds the result of a check.
func (r *Report) Check(name string, ok bool, format string, args ...any) {
	r.Checks = append(r.Checks, RestoreCheck{name, ok, fmt.Sprintf(format, args...)})
}

// Judge adds up the times of a restored backup, checks the goals, and sets the outcome.
func (r *Report) Judge(c *RestoreConfig) {
	r.RTOMS = r.CopyMS + r.ReplayMS + r.VerifyMS
	ms := func(x float64) time.Duration {
		return time.Duration(x * float64(time.Millisecond)).Round(time.Millisecond)
	}
	if took := ms(r.RTOMS); c.RTO > 0 {
		r.Check("rto", took <= c.RTO, "%s of at most %s", took, c.RTO)
	}
	switch {
	case c.RPO == 0:
	case r.RPOMS == nil:
		r.Check("rpo", false, "no commit was replayed, so nobody knows how old the newest one is")
	default:
		lost := ms(*r.RPOMS)
		r.Check("rpo", lost <= c.RPO, "the newest commit is %s old, of at most %s", lost, c.RPO)
	}
	r.Outcome = Right
	for _, c := range r.Checks {
		if !c.OK {
			r.Outcome = Wrong
		}
	}
}

// Metrics is the report in the text format of Prometheus, for the textfile collector of node_exporter.
func (r *Report) Metrics() string {
	var b strings.Builder
	gauge := func(name, help, labels string, value float64) {
		if help != "" {
			fmt.Fprintf(&b, "# HELP quorumlab_drill_%s %s\n# TYPE quorumlab_drill_%[1]s gauge\n", name, help)
		}
		fmt.Fprintf(&b, "quorumlab_drill_%s%s %g\n", name, labels, value)
	}
	is := func(yes bool) float64 {
		if yes {
			return 1
		}
		return 0
	}
	const perSecond = 1000
	gauge("timestamp_seconds", "When the last drill began.", "", float64(r.At.UnixMilli())/perSecond)
	gauge("restored", "Whether the backup could be restored.", "", is(r.Outcome != NotRestored))
	gauge("right", "Whether it was restored and every check was right.", "", is(r.Outcome == Right))
	gauge("rto_seconds", "How long the restore and its verification took.", "", r.RTOMS/perSecond)
	if r.RPOMS != nil {
		gauge("rpo_seconds", "How old the newest restored commit was.", "", *r.RPOMS/perSecond)
	}
	help := "Whether a check was right."
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for _, c := range r.Checks {
		gauge("check", help, `{check="`+quote.Replace(c.Name)+`"}`, is(c.OK))
		help = ""
	}
	return b.String()
}
