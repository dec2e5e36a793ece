package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// memberRole is the name of a member among the helpers.
const memberRole = "member"

// Main makes this process a member of a cluster, a guard or a snapshot tool, if it was started as one,
// and then does not return. A program whose clusters have Options.Processes, or that has a
// SnapshotTool, must call it first of all, in its TestMain too.
func Main() {
	helper.Main(map[string]helper.Duty{memberRole: memberMain, guard.Role: guard.Main, snapshotToolRole: snapshotToolMain})
}

// memberMain is the whole life of a member in a process of its own. It ends with its standard input,
// and so with its parent.
func memberMain() int {
	signal.Ignore(os.Interrupt, syscall.SIGHUP) // the terminal sends them to all; the parent decides
	c := &childMain{out: os.Stdout}
	os.Stdout = os.Stderr // nothing else may get in between
	in := json.NewDecoder(os.Stdin)
	for {
		var q request
		if err := in.Decode(&q); err != nil {
			return 0
		}
		c.take(q)
	}
}

// childMain is a member's own side.
type childMain struct {
	writing sync.Mutex
	out     io.Writer

	srv  *server       // from the first request on
	over chan struct{} // closed when the hold of the disk is; nil while there is none
}

func (c *childMain) send(r report) {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = json.NewEncoder(c.out).Encode(r) // the standard input ends too when the parent is gone
}

func (c *childMain) answer(q request, r report, err error) {
	r.ID = q.ID
	if err != nil {
		r.Err = err.Error()
	}
	c.send(r)
}

// take carries out a request. What takes time is done aside.
func (c *childMain) take(q request) {
	switch q.Kind {
	case opBoot:
		c.srv = newServer(q.Boot.Disk, func() { c.die(diskFull(q.Boot.Settings.Name, "write")) })
		go c.boot(q)
	case opStatus:
		s := c.srv.status()
		c.answer(q, report{Status: &s}, nil)
	case opCampaign:
		go func() { c.answer(q, report{}, c.srv.campaign(context.Background())) }()
	case opLeave:
		go func() { c.answer(q, report{}, c.srv.leave(context.Background())) }()
	case opHash:
		go func() {
			h, err := c.srv.hash(context.Background())
			c.answer(q, report{Hash: &h}, err)
		}()
	case opDisk:
		c.srv.setDisk(*q.Disk)
		c.answer(q, report{}, nil)
	case opHold:
		c.over = make(chan struct{})
		go c.hold(q, c.over)
	case opRelease:
		close(c.over)
		c.answer(q, report{}, nil)
	}
}

func (c *childMain) boot(q request) {
	err := c.start(q)
	if err != nil {
		c.answer(q, report{}, err)
		os.Exit(1)
	}
	etcd := c.srv.etcd
	c.answer(q, report{Booted: &booted{etcd.Peers[0].Addr().String(), etcd.Clients[0].Addr().String()}}, nil)
	select {
	case <-etcd.Server.ReadyNotify():
		c.send(report{Event: eventReady})
		<-etcd.Server.StopNotify()
	case <-etcd.Server.StopNotify():
	}
	c.send(report{Event: eventStopped})
}

func (c *childMain) start(q request) error {
	lg, err := memberlog.Open(memberlog.Options{
		File: q.Boot.Settings.LogFile,
		Tell: func(f memberlog.LogFact) {
			f.Applied = c.srv.applied()
			c.send(report{Fact: &f})
		},
		Died: func(d memberlog.Death) { c.gaveUp(q, d) },
	})
	if err != nil {
		return err
	}
	cfg, err := q.Boot.Settings.config(lg)
	if err != nil {
		return err
	}
	return c.srv.start(q.Boot.Settings.Name, func() (*embed.Etcd, error) { return embed.StartEtcd(cfg) })
}

// gaveUp ends the process as etcd means it when it calls Fatal or Panic.
func (c *childMain) gaveUp(boot request, d memberlog.Death) {
	select {
	case <-c.srv.started:
		c.die(d.Message)
	default:
		c.answer(boot, report{}, fmt.Errorf(didNotStart, d.Message))
		os.Exit(1)
	}
}

// die ends the process with a last word.
func (c *childMain) die(why string) {
	c.send(report{Died: why})
	os.Exit(1)
}

func (c *childMain) hold(q request, over <-chan struct{}) {
	release := c.srv.hold()
	c.answer(q, report{}, nil)
	<-over
	release()
}
