package monitoring

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
	"quorumlab/sim/alert/monitor"
	"quorumlab/sim/etcdsim/cluster"
)

var update = flag.Bool("update", false, "record the clusters anew that the tasks' rules are judged by")

// session is what happens to three members while they are recorded, by moment.
type session struct {
	moments int
	at      map[int]func(p *patient) error
}

// sessions are the recordings that the tasks need. A moment is half a second here, and half a
// minute to the rules.
var sessions = map[string]session{
	// The disk of the machine that records may be busy with other things; that of a healthy cluster is
	// not. Recorded in memory, with a good disk's times: TMPDIR=/dev/shm go test -run Record/^healthy$ -update
	"healthy": {moments: 30, at: map[int]func(*patient) error{
		0: func(p *patient) error {
			for _, m := range p.Members() {
				if err := m.SetDisk(sim.DiskState{Slow: sim.Distribution{Lo: time.Millisecond,
					Hi: 6 * time.Millisecond}}); err != nil {
					return err
				}
			}
			return nil
		},
	}},
	"slow-disk": {moments: 60, at: map[int]func(*patient) error{
		6: func(p *patient) error {
			return p.leader.SetDisk(sim.DiskState{Slow: sim.Fixed(600 * time.Millisecond)})
		},
		42: func(p *patient) error { return p.leader.SetDisk(sim.DiskState{}) },
	}},
	"disk-hiccup": {moments: 36, at: map[int]func(*patient) error{
		6: func(p *patient) error {
			return p.leader.SetDisk(sim.DiskState{Slow: sim.Fixed(600 * time.Millisecond)})
		},
		12: func(p *patient) error { return p.leader.SetDisk(sim.DiskState{}) },
	}},
	"rolling-restart": {moments: 40, at: map[int]func(*patient) error{
		6:  func(p *patient) error { return crash(p.followers[0]) },
		9:  func(p *patient) error { return p.followers[0].Start() },
		16: func(p *patient) error { return crash(p.followers[1]) },
		19: func(p *patient) error { return p.followers[1].Start() },
		26: func(p *patient) error { return crash(p.leader) }, 29: func(p *patient) error { return p.leader.Start() },
	}},
	"one-dead": {moments: 36,
		at: map[int]func(*patient) error{6: func(p *patient) error { return crash(p.followers[0]) }}},
	"two-dead": {moments: 36,
		at: map[int]func(*patient) error{6: func(p *patient) error { return crash(p.followers...) }}},
}

func crash(ms ...*cluster.Member) error {
	for _, m := range ms {
		m.Crash()
	}
	return nil
}

// TestRecord makes the recordings anew, with -update.
func TestRecord(t *testing.T) {
	if !*update {
		t.Skip("recordings are made anew with -update")
	}
	for name, s := range sessions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, about, err := s.record(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Appendf(nil, "# Scrapes of three members of etcd, one each half second: %s\n", about)
			if err := os.WriteFile("recordings/"+name+".yaml", append(text, r.Format()...), 0o666); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// patient is a cluster under observation.
type patient struct {
	*cluster.Real
	leader    *cluster.Member
	followers []*cluster.Member
}

func (s session) record(ctx context.Context, dir string) (*monitor.MetricsRecording, string, error) {
	c, err := cluster.New(cluster.Options{Names: []string{"n1", "n2", "n3"}, Dir: dir, Seed: 1, Processes: sim.ProcessOwn})
	if err != nil {
		return nil, "", err
	}
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		return nil, "", err
	}
	cl, err := c.Client()
	if err != nil {
		return nil, "", err
	}
	defer cl.Close()
	p := &patient{Real: c}
	if err := p.look(ctx, cl); err != nil {
		return nil, "", err
	}
	work, end := context.WithCancel(ctx)
	var load sync.WaitGroup
	defer load.Wait()
	defer end()
	load.Go(func() { write(work, cl) })

	r := &monitor.MetricsRecording{Every: 500 * time.Millisecond}
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for i := range s.moments {
		if do := s.at[i]; do != nil {
			if err := do(p); err != nil {
				return nil, "", err
			}
		}
		answers := map[string][]byte{}
		for _, m := range c.Members() {
			answers[m.Name] = nil
			if text, err := read(ctx, m); err == nil {
				answers[m.Name] = text
			}
		}
		if err := r.Add(answers, kept); err != nil {
			return nil, "", err
		}
		<-tick.C
	}
	return r, "the leader is " + p.leader.Name, nil
}

// look finds out who leads.
func (p *patient) look(ctx context.Context, cl *clientv3.Client) error {
	s, err := cl.Status(ctx, p.Member(1).ClientURL())
	for ; err == nil && s.Leader == 0; s, err = cl.Status(ctx, p.Member(1).ClientURL()) {
	}
	if err != nil {
		return err
	}
	for _, m := range p.Members() {
		if p.Number(s.Leader) == m.ID {
			p.leader = m
		} else {
			p.followers = append(p.followers, m)
		}
	}
	return nil
}

// write writes fifty times a second, as far as the cluster lets it.
func write(ctx context.Context, cl *clientv3.Client) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	free := make(chan bool, 16)
	var asked sync.WaitGroup
	defer asked.Wait()
	for i := 0; ctx.Err() == nil; i++ {
		<-tick.C
		select {
		case free <- true:
		default:
			continue
		}
		asked.Go(func() {
			once, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			_, _ = cl.Put(once, fmt.Sprint("key", i%64), strings.Repeat(".", 256))
			<-free
		})
	}
}

// kept are the metrics that are recorded: those about leaders, disks and proposals.
func kept(metric string) bool {
	switch strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(metric, "_bucket"), "_sum"), "_count") {
	case "etcd_server_has_leader", "etcd_server_is_leader", "etcd_server_leader_changes_seen_total",
		"etcd_server_proposals_committed_total", "etcd_server_proposals_pending", "etcd_server_proposals_failed_total",
		"etcd_server_slow_apply_total", "etcd_server_heartbeat_send_failures_total",
		"etcd_disk_wal_fsync_duration_seconds", "etcd_disk_backend_commit_duration_seconds",
		"etcd_network_peer_sent_failures_total", "process_start_time_seconds":
		return true
	}
	return false
}
