package cluster

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// own gives each member a process.
func own(o *Options) { o.Processes = sim.ProcessOwn }

// Somebody kills a member's process behind the program's back.
func TestMemberKilledFromOutside(t *testing.T) {
	var dead obituaries
	c := start(t, 3, own, dead.listen)
	l := leader(t, c, nil)
	put(t, l, "k", "v")
	p, err := os.FindProcess(l.PID())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its death is noticed", func() bool { return dead.of(l) != "" })
	if want := "the process ended: signal: killed"; dead.of(l) != want || l.Up() || l.PID() != 0 {
		t.Errorf("it died of %q (up: %v, process %d), want %q", dead.of(l), l.Up(), l.PID(), want)
	}
	leader(t, c, l)
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it comes back", func() bool { return l.running() != nil && get(t, l, "k") == "v" })
}

// What etcd finds in a database that was damaged under it is a panic in a goroutine that nobody
// catches. Only a process of its own survives that: the others do, and the reason is told.
func TestDamagedDatabaseEndsOneProcess(t *testing.T) {
	var dead obituaries
	c := start(t, 3, own, dead.listen)
	l := leader(t, c, nil)
	f := others(c, l)[0]
	put(t, f, "k", "v")
	f.Crash()
	f.settle()
	db, err := os.OpenFile(filepath.Join(f.data(), "member", "snap", "db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	const headers = 2 << 12
	info, err := db.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.WriteAt([]byte(strings.Repeat("garbage!", int(info.Size()-headers)/8)), headers); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	if why := dead.end(t, f); !strings.HasPrefix(why, "panic: ") {
		t.Errorf("it died of %q, want a panic", why)
	}
	put(t, l, "k", "still here")
}

// metrics reads the sum of each metric over its labels.
func metrics(t *testing.T, m *Member) map[string]float64 {
	t.Helper()
	url, err := m.MetricsURL()
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := m.cluster.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: secrets}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	sums := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil && ok && name != "#" {
			name, _, _ = strings.Cut(name, "{")
			sums[name] += v
		}
	}
	return sums
}

func TestMetricsAreEachMembersOwn(t *testing.T) {
	const fsyncs, slowness = "etcd_disk_wal_fsync_duration_seconds_count", "etcd_disk_wal_fsync_duration_seconds_sum"
	const slow, puts = 20 * time.Millisecond, 10
	c := start(t, 3, own)
	l := leader(t, c, nil)
	f, down := others(c, l)[0], others(c, l)[1]
	if err := f.SetDisk(sim.DiskState{Slow: sim.Fixed(slow)}); err != nil {
		t.Fatal(err)
	}
	down.Crash()
	before := map[*Member]map[string]float64{l: metrics(t, l), f: metrics(t, f)}
	for i := range puts {
		put(t, l, fmt.Sprint("k", i), "v")
	}
	if n := metrics(t, l)[fsyncs] - before[l][fsyncs]; n < puts {
		t.Errorf("the leader made %v fsyncs for %d writes, one after the other", n, puts)
	}
	after := metrics(t, f)
	n, took := after[fsyncs]-before[f][fsyncs], after[slowness]-before[f][slowness]
	if n == 0 || took < n*slow.Seconds() {
		t.Errorf("the slow disk took %v s for %v fsyncs", took, n)
	}
	if err := down.Start(); err != nil {
		t.Fatal(err)
	}
	if err := down.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	if n, most := metrics(t, down)[fsyncs], metrics(t, l)[fsyncs]; n >= most {
		t.Errorf("the member that was down has made %v fsyncs, the leader %v", n, most)
	}
	eventually(t, "one member says that it leads", func() bool {
		leaders := 0.0
		for _, m := range c.Members() {
			leaders += metrics(t, m)["etcd_server_is_leader"]
		}
		return leaders == 1 && metrics(t, leader(t, c, nil))["etcd_server_is_leader"] == 1
	})
}

func TestMetricsLevels(t *testing.T) {
	const histogram = "grpc_server_handling_seconds_count"
	for _, level := range []sim.MetricsLevel{sim.MetricsBasic, sim.MetricsExtensive} {
		m := start(t, 1, own, func(o *Options) { o.Metrics = level }).Member(1)
		put(t, m, "k", "v")
		if n := metrics(t, m)[histogram]; (n > 0) != (level == sim.MetricsExtensive) {
			t.Errorf("%s metrics have %v calls in %s", level, n, histogram)
		}
	}
}

// Certificates are files, so a member finds them in a process of its own too, and shows its metrics
// only to those who have one.
func TestOwnProcessSpeaksTLS(t *testing.T) {
	m := start(t, 1, own, func(o *Options) {
		o.TLS = sim.TLSSpec{Peers: true, Clients: true, ClientCertificates: true}
	}).Member(1)
	if n := metrics(t, m)["etcd_server_has_leader"]; n != 1 {
		t.Errorf("etcd_server_has_leader is %v", n)
	}
	url, err := m.MetricsURL()
	if err != nil {
		t.Fatal(err)
	}
	stranger := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	if resp, err := stranger.Get(url); err == nil {
		resp.Body.Close()
		t.Error("a stranger may read the metrics")
	}
}

func TestMembersInOneProcessHaveNoMetricsOfTheirOwn(t *testing.T) {
	c, err := New(Options{Names: names(1), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := "n1 shares its metrics with the other members of its process; give each a process of its own " +
		"(cluster.process: own)"
	if _, err := c.Member(1).MetricsURL(); err == nil || err.Error() != want {
		t.Errorf("the error is %v", err)
	}
}

// The rules ask for metrics that etcd has: a name that an update of etcd changes would make
// its rule silent for ever.
func TestRulesAskForMetricsThatMembersShow(t *testing.T) {
	c := start(t, 1, own, func(o *Options) { o.Metrics = sim.MetricsExtensive })
	put(t, c.Member(1), "k", "v")
	shown := metrics(t, c.Member(1))
	byPeer := regexp.MustCompile(`^etcd_network_peer_`) // a member alone has none
	for _, r := range alert.Rules() {
		for _, name := range regexp.MustCompile(`\b(etcd|grpc_server)_\w+`).FindAllString(r.Expr, -1) {
			if _, ok := shown[name]; !ok && !byPeer.MatchString(name) {
				t.Errorf("%s asks for %s, which a member does not show", r.Name, name)
			}
		}
	}
}
