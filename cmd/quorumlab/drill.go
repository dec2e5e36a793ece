package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"quorumlab/internal/drill"
	"quorumlab/internal/input"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(command{
		name:  "drill",
		args:  "[CONFIG]",
		about: "Restores a backup of PostgreSQL or etcd privately and verifies it",
		details: "CONFIG has lines NAME = VALUE. PostgreSQL: backup (a base backup, or a folder of them: then the newest), " +
			"archive (its WAL), or backup-command (which writes a base backup to %d) and archive-command (a segment %f to %p) " +
			"with a timeout; target (a time; default: the end of the archive), and any number of query = DATABASE: SQL => " +
			"ANSWER. etcd: etcd (a snapshot), revision, and any number of key = KEY => VALUE and keys = PREFIX => NUMBER. " +
			"Both: " +
			"rto and rpo (goals, like 10m). The source is only read. Exit code 0: restored and right; 1: restored, but a " +
			"check " +
			"or a goal failed; 4: not restored; 2: bad input; 3: PostgreSQL is missing.",
		examples: []string{
			"quorumlab drill nightly.conf --history drills.jsonl --plot drills.svg",
			"quorumlab drill nightly.conf --metrics /var/lib/node_exporter/drill.prom",
			"quorumlab drill --etcd snapshot.db",
		},
		flags: func(fs *pflag.FlagSet) action {
			var o drillOptions
			fs.StringVar(&o.etcd, "etcd", "", "restore this snapshot of etcd, without a configuration")
			fs.StringVar(&o.Programs, "programs", "", "folder of PostgreSQL's programs (default: it is looked for)")
			fs.StringVar(&o.Dir, "dir", "", "folder to restore in (default: the system's temporary folder)")
			fs.StringVar(&o.User, "user", "", "user that root restores as (default: the owner of the backup)")
			fs.StringVar(&o.Keep, "keep", "", "new folder for the restored data, on the disk of --dir (default: they are "+
				"removed)")
			fs.BoolVar(&o.json, "json", false, "print the report as JSON")
			fs.StringVar(&o.metrics, "metrics", "", "file to replace with metrics for node_exporter's textfile collector")
			fs.StringVar(&o.history, "history", "", "file to add the report to, a line of JSON")
			fs.StringVar(&o.plot, "plot", "", "file for a figure of the history, .svg or .png")
			return o.drill
		},
	})
}

type drillOptions struct {
	drill.Options
	etcd                   string
	json                   bool
	metrics, history, plot string
}

// errNotRestored ends the program with exit code 4; why has been printed.
var errNotRestored = errors.New("the backup was not restored")

func (o *drillOptions) drill(ctx context.Context, args []string, std streams) error {
	config, err := o.config(args)
	if err != nil {
		return err
	}
	past, err := o.past()
	if err != nil {
		return err
	}
	o.Say = func(what string) { fmt.Fprintln(std.err, what) }
	var r *drill.Report
	if config.Etcd != "" {
		r, err = drillEtcd(ctx, config, o.Dir, o.Say)
	} else {
		r, err = drill.Run(ctx, config, o.Options)
	}
	if err != nil {
		return err
	}
	if err := o.leave(r, past, config); err != nil {
		return err
	}
	if o.json {
		err = printIndented(std.out, r)
	} else {
		printDrill(std.out, r)
	}
	switch {
	case err != nil:
		return err
	case r.Outcome == drill.NotRestored:
		return errNotRestored
	case r.Outcome == drill.Wrong:
		return errFailed
	}
	return nil
}

// config reads what is restored, and checks the flags.
func (o *drillOptions) config(args []string) (*drill.RestoreConfig, error) {
	switch ext := filepath.Ext(o.plot); {
	case o.etcd != "" && len(args) > 0:
		return nil, badUsage("", "drill takes a configuration or --etcd, not both")
	case o.etcd == "" && len(args) != 1:
		return nil, badUsage("", "drill takes one configuration, but got %d arguments", len(args))
	case o.plot != "" && ext != ".svg" && ext != ".png":
		return nil, badUsage("", "--plot: the name of the file must end with .svg or .png, not %q", ext)
	case o.plot != "" && o.history == "":
		return nil, badUsage("", "--plot draws the history, so it needs --history")
	}
	config := &drill.RestoreConfig{Etcd: o.etcd}
	if o.etcd == "" {
		content, err := input.Read(args[0], input.MostText)
		if err != nil {
			return nil, badUsage("", "%s", err)
		}
		if config, err = drill.Parse(args[0], content); err != nil {
			return nil, badUsage("nothing was restored", "%s", err)
		}
	}
	if config.Etcd != "" && o.Keep != "" {
		return nil, badUsage("", "--keep keeps data of PostgreSQL, and this drill is of etcd")
	}
	return config, nil
}

// past reads the history before the drill, so that one that can't be read is known at once.
func (o *drillOptions) past() ([]*drill.Report, error) {
	if o.history == "" {
		return nil, nil
	}
	content, err := input.Read(o.history, input.MostData)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, badUsage("nothing was restored", "--history: %s", err)
	}
	past, err := drill.ReadHistory(o.history, content)
	if err != nil {
		return nil, badUsage("nothing was restored", "--history: %s", err)
	}
	return past, nil
}

// leave writes the files.
func (o *drillOptions) leave(r *drill.Report, past []*drill.Report, c *drill.RestoreConfig) error {
	if o.metrics != "" {
		// The collector must never read half a file.
		next := o.metrics + ".new"
		if err := errors.Join(os.WriteFile(next, []byte(r.Metrics()), 0o644), os.Rename(next, o.metrics)); err != nil {
			return err
		}
	}
	if o.history != "" {
		if err := r.Append(o.history); err != nil {
			return err
		}
	}
	if o.plot == "" {
		return nil
	}
	svg, png, err := chartOfDrills(append(past, r), c).Render()
	if err != nil {
		return err
	}
	if filepath.Ext(o.plot) == ".png" {
		svg = png
	}
	return os.WriteFile(o.plot, svg, 0o666)
}

// printDrill prints a report for people.
func printDrill(w io.Writer, r *drill.Report) {
	hanging(w, fmt.Sprintf("%-7s ", mark(r.Outcome == drill.Right)), string(r.Outcome)+": "+r.Backup)
	if r.Why != "" {
		hanging(w, "        ", r.Why)
	}
	for _, c := range r.Checks {
		hanging(w, fmt.Sprintf("%-7s %s: ", mark(c.OK), c.Name), strings.TrimSpace(c.Says))
	}
	if r.Outcome == drill.NotRestored {
		return
	}
	ms := func(x float64) string { return sim.RoundedTime(time.Duration(x * float64(time.Millisecond))) }
	hanging(w, "        ", fmt.Sprintf("RTO %s: copy %s, replay %s, verify %s", ms(r.RTOMS), ms(r.CopyMS), ms(r.ReplayMS),
		ms(r.VerifyMS)))
	if r.RPOMS != nil {
		hanging(w, "        ", fmt.Sprintf("RPO %s: the newest commit is of %s", ms(*r.RPOMS),
			r.Newest.UTC().Format(time.RFC3339)))
	}
}

// chartOfDrills draws how the parts of the restores, and the age of the newest commit, have changed.
func chartOfDrills(rs []*drill.Report, c *drill.RestoreConfig) chart.Chart {
	const perSecond = 1000
	rto, rpo := chart.Series{Name: "RTO", Marks: true}, chart.Series{Name: "RPO", Marks: true}
	bad := chart.Series{Name: "wrong, or not restored", Bare: true}
	for i, r := range rs {
		x := float64(i + 1)
		if r.Outcome != drill.NotRestored {
			rto.Points = append(rto.Points, chart.XY{X: x, Y: r.RTOMS / perSecond})
		}
		if r.RPOMS != nil {
			rpo.Points = append(rpo.Points, chart.XY{X: x, Y: *r.RPOMS / perSecond})
		}
		if r.Outcome != drill.Right {
			bad.Points = append(bad.Points, chart.XY{X: x})
		}
	}
	panel := func(title string, s chart.Series, goal time.Duration) chart.Lines {
		l := chart.Lines{Title: title, X: chart.Axis{Label: "drill", Whole: true}, Y: chart.Axis{Label: "seconds"}}
		for _, s := range []chart.Series{s, bad} {
			if len(s.Points) > 0 {
				l.Series = append(l.Series, s)
			}
		}
		if goal > 0 {
			l.Across = []chart.Reference{{Name: "goal", At: goal.Seconds()}}
		}
		return l
	}
	panels := []chart.Panel{panel("Time to restore and verify", rto, c.RTO)}
	if age := panel("Age of the newest commit", rpo, c.RPO); len(age.Series) > 0 {
		panels = append(panels, age)
	}
	return chart.Chart{Name: "drills", Title: "Restore drills",
		Subtitle: counted(len(rs), "drill") + ", the last at " + rs[len(rs)-1].At.UTC().Format(time.RFC3339),
		About:    "How long each restore and its verification took, and how old its newest commit was.", Panels: panels}
}
