package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"quorumlab/internal/result"
	"quorumlab/lessons/desk"
	"quorumlab/plots/folders"
	"quorumlab/plots/page"
	"quorumlab/scenarios"
	"quorumlab/sim"
)

func init() {
	register(command{
		name:  "page",
		args:  "[TRACE | FOLDER ...]",
		about: "Shows a cluster in a browser: a saved run, or one to play with",
		details: "It reads trace.jsonl files or the folders of runs, of any engine, and serves a page for each to browsers " +
			"on this machine until it is interrupted: members, messages, logs, and a slider over time. Another page has a " +
			"simulated cluster to play with, and opens first if no run is named. With --out the pages are written as " +
			"files for any web server: those of the runs, or of the whole library if no run is named, and the one to play " +
			"on. The pages need nothing from the network.",
		examples: []string{
			"quorumlab page",
			"quorumlab page out/leader-crash-sim-seed1",
			"quorumlab page --out site",
			"quorumlab page out/leader-crash-sim-seed1 out/leader-crash-etcd-seed1 --out site",
		},
		flags: func(fs *pflag.FlagSet) action {
			o := pageOptions{given: fs}
			fs.StringVar(&o.out, "out", "", "folder for the pages as files; nothing is served then (default: none)")
			forceFlag(fs, &o.force)
			number(fs, &o.port, "port", 0, "port on loopback (default: a free one)")
			fs.StringVar(&o.learner, "learner", "", "whose progress in the lessons it is (default: the user's name)")
			fs.BoolVar(&o.partial, "partial", false, "play a trace that lacks events by what it has")
			number(fs, &o.events, "max-events", sim.MaxTraceEvents,
				"largest number of events to read, besides messages and log entries (each takes about 200 bytes of memory)")
			return o.run
		},
	})
}

type pageOptions struct {
	out     string
	force   bool
	port    int
	partial bool
	events  int
	learner string
	given   *pflag.FlagSet
}

func (o *pageOptions) run(ctx context.Context, args []string, std streams) (err error) {
	var at *result.Taken
	if o.out != "" {
		if at, err = (result.Destination{Path: o.out, Kind: "site", Force: o.force}).Take(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, at.Release()) }()
	}
	site, first, err := o.site(ctx, args, std)
	if err != nil {
		return err
	}
	site.Version = version
	var p *page.Play
	var below []page.Below
	more := ""
	switch {
	case at == nil:
		p = page.NewPlay(version)
		site.Token = p.Token
		b, err := (&lessonOptions{learner: o.learner, given: o.given}).book()
		if err != nil {
			return err
		}
		d := desk.New(b, version)
		site.Lessons = true
		below = []page.Below{{Path: page.LessonsPath, Handler: d}}
		more = page.LessonsPath + "#token=" + d.Token
	case len(args) == 0:
		if err := addLibrary(ctx, site, scenarios.Library(), std); err != nil {
			return err
		}
	}
	files, err := site.Files()
	if err != nil {
		return err
	}
	if at != nil {
		if err := folders.LeaveSite(at, files); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "the pages are in %s: any web server can serve them\n", at.Path)
		if !page.HasEngine() {
			fmt.Fprintln(std.err, "There is no page to play on among them: this quorumlab was built without the simulator for "+
				"browsers. One that make build builds, and every release, has it.")
		}
		return nil
	}
	switch {
	case len(args) == 0:
		first = page.PlayPath
	case len(args) > 1:
		first = ""
	}
	return o.serve(ctx, page.Handler(files, p, below...), first, more, std)
}

// site makes a site of saved runs, and returns the path of the first one's page.
func (o *pageOptions) site(ctx context.Context, args []string, std streams) (site *page.Site, first string, err error) {
	site = &page.Site{}
	for i, arg := range args {
		s, err := folders.OpenSaved(ctx, arg, folders.SavedOptions{Events: o.events, Partial: o.partial}, std.in)
		if err != nil {
			return nil, "", err
		}
		j := s.Judge()
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		path, err := site.Add(j.Trace, j.Result)
		if err != nil {
			return nil, "", err
		}
		if i == 0 {
			first = path
		}
	}
	return site, first, nil
}

// serve answers browsers on this machine until it is interrupted, which is how it ends well.
func (o *pageOptions) serve(ctx context.Context, h http.Handler, first, lessons string, std streams) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port)))
	if err != nil {
		return fmt.Errorf("the page can't be served: %w", err)
	}
	srv := pageServer(h)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	fmt.Fprintf(std.out, "http://%s/%s\n", l.Addr(), first)
	fmt.Fprintf(std.out, "Lessons: http://%s/%s\n", l.Addr(), lessons)
	for _, p := range runningPages(ctx) {
		fmt.Fprintln(std.out, p)
	}
	fmt.Fprintln(std.out, "Ctrl-C ends it.")
	select {
	case err = <-done:
	case <-ctx.Done():
		err = srv.Close()
		<-done
	}
	return err
}

// pageServer is a server of pages. A client that is slow to ask is cut off, so that it holds nothing.
func pageServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		MaxHeaderBytes: 64 << 10}
}
