package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/text"
	"quorumlab/sim/export"
)

func init() {
	register(command{
		name:  "export",
		args:  "SCENARIO --to indexed-job | slurm | chaos-mesh",
		about: "Writes a manifest or job script that runs a sweep, or injects a scenario's faults, on another cluster",
		details: "indexed-job and slurm take the flags of sweep. A chaos-mesh manifest says how it differs from the " +
			"scenario; what Chaos Mesh can't do is refused unless --leave-out is given.",
		examples: []string{
			"quorumlab export figure-16 --to indexed-job --shards 20 --image registry.example/quorumlab:0.1.0",
			"quorumlab export my.yaml --to slurm --shards 50 --trials 10000 --out my.sbatch",
			"quorumlab export leader-crash --to chaos-mesh --statefulset etcd",
		},
		next: oneScenario,
		flags: func(fs *pflag.FlagSet) action {
			o := exportOptions{fs: fs}
			fs.StringVar(&o.to, "to", "", "indexed-job: a sweep as a Kubernetes Job; slurm: a sweep as a Slurm array; "+
				"chaos-mesh: faults for a real etcd")
			fs.StringVar(&o.out, "out", "", "file to write (default: standard output)")
			forceFlag(fs, &o.force)
			o.sweep.trialFlags(fs)
			o.sweepFlags(fs)
			o.chaosFlags(fs)
			return o.run
		},
	})
}

type exportOptions struct {
	fs    *pflag.FlagSet
	to    string
	out   string
	force bool
	sweep sweepOptions

	shards    int
	namespace string
	cpu       string
	memory    string
	job       export.JobOptions
	slurm     export.SlurmOptions

	statefulSet string
	service     string
	target      export.ChaosTarget
	labels      []string
	leaveOut    bool
}

// exporters are the values of --to with the flags that belong to each, beside --out,
// --set and --seed.
var exporters = map[string]struct {
	flags []string
	write func(o *exportOptions, args []string, std streams) ([]byte, error)
}{
	"indexed-job": {slices.Concat(trialFlagNames, []string{"shards", "namespace", "cpu", "memory", "image", "parallelism",
		"claim", "storage"}), (*exportOptions).indexedJob},
	"slurm": {slices.Concat(trialFlagNames, []string{"shards", "cpu", "memory", "time", "results"}),
		(*exportOptions).slurmArray},
	"chaos-mesh": {[]string{"namespace", "statefulset", "service", "pods", "endpoints", "container", "volume", "selector",
		"member-label",
		"etcd-image", "tls-secret", "leave-out"}, (*exportOptions).chaosMesh},
}

var exporterNames = []string{"indexed-job", "slurm", "chaos-mesh"}

// trialFlagNames are the flags that trialFlags declares and that sweeps alone have.
var trialFlagNames = []string{"engine", "trials", "vary", "measure", "check", "random-faults"}

func (o *exportOptions) run(_ context.Context, args []string, std streams) error {
	if o.to == "" {
		return badUsage("", "--to is missing; choose one of %s", strings.Join(exporterNames, ", "))
	}
	x, ok := exporters[o.to]
	if !ok {
		return badUsage("", "--to: unknown %q%s", o.to, text.DidYouMeanOr(o.to, exporterNames,
			"choose one of "+strings.Join(exporterNames, ", ")))
	}
	for _, f := range o.given() {
		if !slices.Contains(x.flags, f.Name) && !slices.Contains([]string{"to", "out", "force", "set", "seed"}, f.Name) {
			return badUsage("", "--%s can't be used with --to %s", f.Name, o.to)
		}
	}
	written, err := x.write(o, args, std)
	if err != nil {
		return err
	}
	if o.out == "" {
		_, err := std.out.Write(written)
		return err
	}
	return leaveFiles(filepath.Dir(o.out), "manifest", o.force, map[string][]byte{filepath.Base(o.out): written})
}

// given are the flags on the command line, in their order.
func (o *exportOptions) given() (flags []*pflag.Flag) {
	o.fs.Visit(func(f *pflag.Flag) { flags = append(flags, f) })
	return flags
}

// words are the arguments and flags of the command line, but for those left out.
func (o *exportOptions) words(args []string, keep func(name string) bool) []string {
	out := slices.Clone(args)
	for _, f := range o.given() {
		switch v := f.Value.(type) {
		case pflag.SliceValue:
			for _, x := range v.GetSlice() {
				if keep(f.Name) {
					out = append(out, "--"+f.Name, x)
				}
			}
		default:
			if keep(f.Name) && f.Value.Type() == "bool" { // all of them are off by default
				out = append(out, "--"+f.Name)
			} else if keep(f.Name) {
				out = append(out, "--"+f.Name, f.Value.String())
			}
		}
	}
	return out
}

// made is the command that exports this.
func (o *exportOptions) made(args []string) string {
	line := "quorumlab export"
	for _, w := range o.words(args, func(name string) bool { return name != "out" && name != "force" }) {
		line += " " + text.ShellWord(w)
	}
	return line
}
