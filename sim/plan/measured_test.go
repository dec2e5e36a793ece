package plan

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// scraped is a histogram as a member shows it: 95% of the fsyncs within 8 ms, a thousandth over a second.
const scraped = `# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 20000
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 50000
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.004"} 80000
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.008"} 95000
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} 99000
etcd_disk_wal_fsync_duration_seconds_bucket{le="1.024"} 99900
etcd_disk_wal_fsync_duration_seconds_bucket{le="2.048"} 100000
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 100000
etcd_disk_wal_fsync_duration_seconds_sum 412.5
etcd_disk_wal_fsync_duration_seconds_count 100000
`

func TestReadFsync(t *testing.T) {
	const metric = "etcd_disk_wal_fsync_duration_seconds_bucket"
	for _, c := range []struct{ name, text, want string }{
		{"scraped", scraped, "p20 1ms p50 2ms p80 4ms p95 8ms p99 16ms p99.9 1.024s max 2.048s"},
		{"two members", metric + `{a="1",le="0.001"} 1` + "\n" + metric + `{a="1",le="+Inf"} 2` + "\n" +
			metric + `{a="2",le="0.001"} 1` + "\n" + metric + `{a="2",le="0.002"} 2` + "\n" + metric + `{a="2",le="+Inf"} 2` +
			"\n",
			"p25 500us p50 1ms"},
		{"one bucket", metric + `{le="0.001"} 7` + "\n" + metric + `{le="+Inf"} 7` + "\n", "500us..1ms"},
		{"fio", `{"jobs": [{"sync": {}}, {"sync": {"lat_ns": {"max": 9000000, "N": 100,
			"percentile": {"99.900000": 8000000, "50.000000": 1000000}}}}]}`, "p50 1ms p99.9 8ms max 9ms"},
	} {
		l, err := ReadFsync([]byte(c.text))
		if err != nil || !strings.HasPrefix(l.String(), c.want) {
			t.Errorf("%s: %s, %v, want %s", c.name, l, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"up 1\n":       "there is no etcd_disk_wal_fsync",
		`{"jobs": []}`: "fio measured no syncs",
		"{":            "not the JSON of fio",
		metric + `{le="1"} 9` + "\n" + metric + `{le="+Inf"} 2`: "do not add up",
	} {
		if _, err := ReadFsync([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// With these fsyncs timers run out falsely, which two quantiles do not tell.
func TestScrapedFsyncsExpireTimers(t *testing.T) {
	l, err := ReadFsync([]byte(scraped))
	if err != nil {
		t.Fatal(err)
	}
	p := planned(t, func(in *Input) {
		in.Fsync, in.Heartbeat, in.Election = l, Span(100*time.Millisecond), Span(time.Second)
	})
	q := planned(t, func(in *Input) {
		in.Fsync = sim.Distribution{P50: 2 * time.Millisecond, P99: 16 * time.Millisecond}
		in.Heartbeat, in.Election = Span(100*time.Millisecond), Span(time.Second)
	})
	if p.Election.FalsePerYear == 0 || q.Election.FalsePerYear > 0 {
		t.Errorf("scraped %g a year, two quantiles %g", p.Election.FalsePerYear, q.Election.FalsePerYear)
	}
}
