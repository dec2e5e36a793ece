package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
)

func init() {
	register(command{
		name:  "up",
		args:  "[SCENARIO]",
		about: "Starts a live etcd cluster that takes statements while it runs",
		details: "Each member is a process of its own on loopback. At a terminal there is a prompt; otherwise statements " +
			"are read from standard input. quit, Ctrl-D or a signal ends the sandbox and writes its report.",
		examples: []string{
			"quorumlab up --members 5 --rate 100/s",
			"quorumlab up --keep --dir data --client-port 2379",
		},
		next: oneScenario,
		flags: func(fs *pflag.FlagSet) action {
			var o upOptions
			fs.IntVar(&o.members, "members", 0, "how many members (default: 3, or the scenario's)")
			fs.StringVar(&o.rate, "rate", "", `a load from the start, like "100/s" (default: none, or the scenario's)`)
			fs.BoolVar(&o.tls, "tls", false, "encrypt everything, and have members and clients show certificates")
			fs.StringArrayVar(&o.sets, "set", nil, "change a setting, like cluster.election=500ms (repeatable)")
			fs.StringVar(&o.name, "name", defaultName, "what quorumlab do calls it")
			fs.StringVar(&o.dir, "dir", "", "with --keep: folder for the data, new or empty")
			fs.BoolVar(&o.keep, "keep", false, "leave the data in --dir at the end")
			fs.StringVar(&o.from, "from", "", "go on with the data in a folder that --keep left")
			fs.IntVar(&o.clientPort, "client-port", 0, "port of the first member's clients; the others have the next ones (default: free ones)")
			fs.BoolVar(&o.quiet, "no-prompt", false, "read nothing: take statements from quorumlab do alone")
			fs.StringVar(&o.out, "out", "out", "folder for the report's folder")
			fs.StringSliceVar(&o.write, "write", []string{"all"}, "what to leave: summary, trace, plots, report; all or none")
			return o.up
		},
	})
}

type upOptions struct {
	members int
	rate    string
	tls     bool
	sets    []string
	name    string
	quiet   bool

	dir, from  string
	keep       bool
	clientPort int

	out   string
	write []string
}

// up runs a sandbox from its start to its report.
func (o *upOptions) up(ctx context.Context, args []string, io streams) (err error) {
	want, err := wanted(o.write)
	if err != nil {
		return err
	}
	d, err := o.data(args)
	if err != nil {
		return err
	}
	if d != nil {
		defer func() { err = errors.Join(err, d.release()) }()
	}
	e := o.engine(d)
	s, err := o.scenario(args, d, e)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // the terminal has gone
	defer stop()
	p, err := claim(o.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.release()) }()
	b, err := openSandbox(ctx, o.name, s, e)
	if err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	if d != nil {
		b.keep = func() error { return d.save(s, b.live.Known()) }
	}
	if err := b.keep(); err != nil {
		return errors.Join(err, b.live.Close(canceled()))
	}
	r, err := o.attend(ctx, b, p, io)
	if err != nil {
		return err
	}
	if err := r.write(o.out, want, nil); err != nil {
		return err
	}
	printResult(io.out, r)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !r.judged.OK():
		return errFailed
	}
	return nil
}

// data takes the folder for the data, if they are to be kept, and looks whether the
// flags go together.
func (o *upOptions) data(args []string) (*dataFolder, error) {
	if err := checkSandboxName(o.name); err != nil {
		return nil, err
	}
	switch {
	case len(args) > 1:
		return nil, badUsage("", "a sandbox starts from one scenario, not from %d", len(args))
	case o.from != "" && (len(args) > 0 || o.members != 0 || o.dir != ""):
		return nil, badUsage("", "--from goes on with a cluster as it is: it takes no scenario, --members or --dir")
	case o.from != "":
		return openDataFolder(o.from)
	case o.keep && o.dir == "":
		return nil, badUsage("", "--keep needs a place: --dir FOLDER")
	case o.dir != "" && !o.keep:
		return nil, badUsage("", "--dir goes with --keep: without it the data are removed at the end")
	case o.keep:
		return newDataFolder(o.dir)
	}
	return nil, nil
}

// engine runs the cluster, on the data that are kept if there are.
func (o *upOptions) engine(d *dataFolder) etcdsim.Engine {
	e := etcdsim.Engine{ClientPort: o.clientPort, Session: 1}
	if d != nil {
		d.Session++
		e.Dir, e.Known, e.Session = d.path, d.Members, d.Session
	}
	return e
}

// scenario is what the sandbox starts as. Nothing is expected of it: the script is
// still to be written.
func (o *upOptions) scenario(args []string, d *dataFolder, e etcdsim.Engine) (s *sim.Scenario, err error) {
	sets := []string{"cluster.process=" + string(sim.ProcessOwn)} // a real kill -9; --set has the last word
	if o.members != 0 {
		sets = append(sets, "cluster.members="+strconv.Itoa(o.members))
	}
	if o.rate != "" {
		sets = append(sets, "workload.rate="+o.rate)
	}
	if o.tls {
		sets = append(sets, "cluster.tls.peers=true", "cluster.tls.clients=true", "cluster.tls.client-certificates=true")
	}
	sets = append(sets, o.sets...)
	switch {
	case o.from != "":
		s, err = d.scenario(sets)
	case len(args) == 1:
		s, err = scenarios.Load(args[0], sets...)
	default:
		s, err = sandboxScenario(o.name, sets)
	}
	if err != nil {
		return nil, usageError{err, "nothing was started"}
	}
	if len(args) == 0 && o.rate == "" {
		s.Steps = []sim.Step{{Do: sim.Statement{Verb: "stop-load"}}}
	}
	s.Expect = nil
	if rs := e.Refuse(s); len(rs) > 0 {
		return nil, usageError{&sim.RefusedError{Scenario: s.Name, Engine: "etcd", Refusals: rs}, "nothing was started"}
	}
	return s, nil
}

// attend serves the sandbox until it is left, and ends it.
func (o *upOptions) attend(ctx context.Context, b *sandbox, p *place, io streams) (r result, err error) {
	c, err := o.conversation(b, io)
	if err != nil {
		return result{}, errors.Join(err, b.live.Close(canceled()))
	}
	fmt.Fprintln(c.out, b.welcome())
	hush := b.narrate(c.tell)
	control := serveControl(p, b.line)
	c.talk(b)
	b.leave()
	control.close()
	if ctx.Err() != nil && io.keys != nil {
		fmt.Fprintln(io.err) // behind the terminal's ^C
	}
	fmt.Fprintf(io.err, "%s ends: last reads, then the report (an interrupt skips both)\n", b.name)
	// Whoever has had enough interrupts again.
	again, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	r, err = b.end(again)
	hush()
	return r, errors.Join(err, c.close())
}

// canceled is a context that is done.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// eventColumn is how an event's time is laid out before its text.
func eventColumn(at time.Duration) string { return fmt.Sprintf("%8s  ", seconds(at)) }
