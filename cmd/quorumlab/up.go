package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	etcdversion "go.etcd.io/etcd/api/v3/version"

	"quorumlab/internal/result"
	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/run"
	"quorumlab/sim/sandbox"
)

func init() {
	register(command{
		name:  "up",
		args:  "[SCENARIO]",
		about: "Starts a live etcd cluster that takes statements while it runs",
		details: "Each member is a separate process on loopback. At a terminal there is a prompt; elsewhere statements " +
			"are read from standard input. quit, Ctrl-D or a signal ends the sandbox, which then writes its report; " +
			"at the prompt, Ctrl-C has to be pressed twice.",
		examples: []string{
			"quorumlab up --members 5 --rate 100/s",
			"quorumlab up --keep --dir data --client-port 2379",
		},
		next: oneScenario,
		flags: func(fs *pflag.FlagSet) action {
			var o upOptions
			number(fs, &o.members, "members", 0, "number of members (default: 3, or the scenario's)")
			fs.StringVar(&o.rate, "rate", "", `load from the start, like "100/s" (default: none, or the scenario's)`)
			fs.BoolVar(&o.tls, "tls", false, "use TLS everywhere, with certificates for members and clients")
			fs.StringArrayVar(&o.sets, "set", nil, "change a setting, like cluster.election=500ms (repeatable)")
			fs.StringVar(&o.name, "name", sandbox.DefaultName, "the sandbox's name, for quorumlab do --name")
			fs.StringVar(&o.dir, "dir", "", "folder for the data that --keep keeps, new or empty")
			fs.BoolVar(&o.keep, "keep", false, "keep the data in --dir at the end")
			fs.StringVar(&o.from, "from", "", "continue with the data that --keep left in this folder")
			number(fs, &o.clientPort, "client-port", 0,
				"client port of the first member; the others get the next ones (default: free ones)")
			fs.BoolVar(&o.quiet, "no-prompt", false, "read no input; take statements only from quorumlab do")
			fs.BoolVar(&o.page, "page", false, "serve a page of the cluster to browsers on this machine")
			number(fs, &o.pagePort, "page-port", 0, "port of that page on loopback (default: a free one)")
			fs.StringVar(&o.out, "out", "out", "folder for the report's folder")
			fs.StringSliceVar(&o.write, "write", []string{"all"}, "what to write: summary, trace, plots, report; all or none")
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

	page     bool
	pagePort int

	dir, from  string
	keep       bool
	clientPort int

	out   string
	write []string
}

// up runs a sandbox from its start to its report.
func (o *upOptions) up(ctx context.Context, args []string, std streams) (err error) {
	want, err := wanted(o.write)
	if err != nil {
		return err
	}
	d, err := o.data(args)
	if err != nil {
		return err
	}
	if d != nil {
		defer func() { err = errors.Join(err, d.Release()) }()
	}
	c, err := o.config(args, d)
	if err != nil {
		return &run.InputError{Err: err, Hint: "nothing was started"}
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // the terminal has gone
	defer stop()
	p, err := o.claim()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Release()) }()
	var at *result.Taken
	if len(want) > 0 {
		to := folders.RunPlace(o.out, c.Scenario, "etcd")
		to.Next, to.Room = true, 0 // nobody knows how long it will run
		if at, err = to.Take(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, at.Release()) }()
	}
	web := &livePage{port: o.pagePort}
	c.Page = web.address
	b, err := sandbox.Open(ctx, c)
	if err != nil {
		return err
	}
	web.of(b)
	j, err := o.attend(ctx, b, p, web, std)
	if err := errors.Join(err, web.close()); err != nil {
		return err
	}
	left, err := folders.RunFolder{Judged: j, Script: j.Trace.Scenario.Name + ".yaml"}.Leave(at, want)
	if err != nil {
		return err
	}
	printResult(std.out, j, left)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !j.OK():
		return errFailed
	}
	return nil
}

// data takes the folder for the data, if they are to be kept, and checks that the
// flags go together.
func (o *upOptions) data(args []string) (*sandbox.DataFolder, error) {
	if err := checkSandboxName(o.name); err != nil {
		return nil, err
	}
	switch {
	case len(args) > 1:
		return nil, badUsage("", "a sandbox starts from one scenario, not %d", len(args))
	case o.from != "" && (len(args) > 0 || o.members != 0 || o.dir != ""):
		return nil, badUsage("", "--from goes on with an existing cluster: it takes no scenario, --members or --dir")
	case o.from != "":
		d, err := sandbox.OpenData(o.from)
		return d, o.badData(err)
	case o.keep && o.dir == "":
		return nil, badUsage("", "--keep needs --dir FOLDER")
	case o.dir != "" && !o.keep:
		return nil, badUsage("", "--dir needs --keep: without it the data are removed at the end")
	case o.keep:
		d, err := sandbox.NewData(o.dir)
		return d, o.badData(err)
	}
	return nil, nil
}

// badData says which flag names a folder that can't be taken, and what would be right.
func (o *upOptions) badData(err error) error {
	var bad *run.InputError
	switch {
	case !errors.As(err, &bad):
		return err
	case errors.Is(err, sandbox.ErrInUse):
		return &run.InputError{Err: err}
	case errors.Is(err, sandbox.ErrNotEmpty):
		return &run.InputError{Err: fmt.Errorf("--dir: %w", err),
			Hint: "quorumlab up --from " + o.dir + " goes on with a sandbox's data"}
	case errors.Is(err, sandbox.ErrNoData):
		return &run.InputError{Err: fmt.Errorf("--from: %w", err),
			Hint: "quorumlab up --keep --dir creates one"}
	case o.from != "":
		return &run.InputError{Err: fmt.Errorf("--from: %w", err), Hint: "nothing was changed"}
	}
	return &run.InputError{Err: fmt.Errorf("--dir: %w", err)}
}

// claim takes the sandbox's name.
func (o *upOptions) claim() (*sandbox.Place, error) {
	p, err := sandbox.Claim(o.name)
	if errors.Is(err, sandbox.ErrNameTaken) {
		hint := "quorumlab do --name " + o.name + " talks to it; up --name starts another one under its own name"
		return nil, &run.InputError{Err: err, Hint: hint}
	}
	return p, err
}

// config is what the sandbox is to be, if it can be.
func (o *upOptions) config(args []string, d *sandbox.DataFolder) (sandbox.Config, error) {
	s, err := o.scenario(args, d)
	if err != nil {
		return sandbox.Config{}, err
	}
	if last := o.clientPort + len(s.Cluster.Members) - 1; o.clientPort > 0 && last > numberBounds["client-port"].most {
		return sandbox.Config{}, fmt.Errorf("--client-port: from %d on there are no ports for %s; the last one is %d",
			o.clientPort, counted(len(s.Cluster.Members), "member"), numberBounds["client-port"].most)
	}
	c := sandbox.Config{
		Name: o.name, Scenario: s, Idle: len(args) == 0 && o.rate == "",
		Data: d, ClientPort: o.clientPort, Version: version,
	}
	return c, c.Check()
}

// scenario is what the sandbox starts as.
func (o *upOptions) scenario(args []string, d *sandbox.DataFolder) (*sim.Scenario, error) {
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
		return d.Scenario(sets...)
	case len(args) == 1:
		return scenarios.Load(args[0], sets...)
	}
	return sandbox.DefaultScenario(o.name, sets...)
}

// attend serves the sandbox until it is left, and ends it.
func (o *upOptions) attend(ctx context.Context, b *sandbox.Sandbox, p *sandbox.Place, web *livePage,
	std streams) (*run.Judged, error) {
	address := ""
	if o.page || o.pagePort > 0 {
		var err error
		if address, err = web.address(); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	c, err := o.conversation(b, std)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	fmt.Fprintln(c.out, welcome(b, address))
	b.Narrate(c.tell)
	control := sandbox.Serve(p, b.Do)
	c.talk(ctx, b)
	b.Leave()
	control.Close()
	if ctx.Err() != nil && std.keys != nil {
		fmt.Fprintln(std.err) // after the terminal's ^C
	}
	fmt.Fprintf(std.err, "%s is ending: final reads, then the report (interrupt to skip both)\n", b.Name())
	// A second interrupt skips the rest.
	again, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	j, err := b.End(again)
	return j, errors.Join(err, c.close())
}

// welcome says what runs and how to reach it. Address is that of its page, or empty.
func welcome(b *sandbox.Sandbox, address string) string {
	urls := b.ClientURLs()
	for i, u := range urls {
		urls[i] = strings.TrimPrefix(u, "http://") // etcdctl's default, and a short line
	}
	do := "quorumlab do "
	if b.Name() != sandbox.DefaultName {
		do += "--name " + b.Name() + " "
	}
	return fmt.Sprintf(`%s is running: %s, etcd %s. For etcdctl:

  export ETCDCTL_ENDPOINTS=%s
%s%s%s%s
Type help for the statements, %sor in another terminal:

  %s"crash leader"
`, b.Name(), counted(len(urls), "member"), etcdversion.Version, strings.Join(urls, ","), credentials(b), ownMetrics(b),
		openToAll(b), inBrowser(address), map[bool]string{true: "page for a page of it, "}[address == ""], do)
}

// inBrowser says where the page is, if it is served.
func inBrowser(address string) string {
	if address == "" {
		return ""
	}
	return "\nIn a browser on this machine:\n\n  " + address + "\n"
}

// credentials says what etcdctl needs beside the endpoints: with TLS, a user's files.
func credentials(b *sandbox.Sandbox) string {
	ca, cert, key, ok := b.Credentials("root")
	if !ok {
		return ""
	}
	return fmt.Sprintf("  export ETCDCTL_CACERT=%s\n  export ETCDCTL_CERT=%s\n  export ETCDCTL_KEY=%s\n", ca, cert, key)
}

// openToAll warns of a cluster whose ports let any user of this machine in: loopback is no border between them. Only
// certificates of members and of clients keep others out.
func openToAll(b *sandbox.Sandbox) string {
	if b.LetsOnlyCertificatesIn() {
		return ""
	}
	return "\nWARNING: every user of this machine can read and write this cluster through\n" +
		"its ports. --tls lets only clients with its certificates in.\n"
}

// ownMetrics says where the members' metrics are, by the address of one.
func ownMetrics(b *sandbox.Sandbox) string {
	urls := b.MetricsURLs()
	if len(urls) == 0 {
		return ""
	}
	return "\nEach member serves its own metrics, like " + urls[len(urls)-1] + ".\n"
}

// checkSandboxName says what is wrong with --name.
func checkSandboxName(name string) error {
	if err := sandbox.CheckName(name); err != nil {
		return &run.InputError{Err: fmt.Errorf("--name: %w", err)}
	}
	return nil
}
