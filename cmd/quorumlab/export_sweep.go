package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/sim/export"
)

// sweepFlags declares what is asked of the clusters that run sweeps.
func (o *exportOptions) sweepFlags(fs *pflag.FlagSet) {
	number(fs, &o.shards, "shards", 8, "indexed-job, slurm: number of parts that the sweep is split into")
	fs.StringVar(&o.cpu, "cpu", "2", "indexed-job, slurm: processors per shard")
	fs.StringVar(&o.memory, "memory", "1Gi", "indexed-job, slurm: memory per shard, in Mi or Gi")
	fs.StringVar(&o.job.Image, "image", "",
		"indexed-job: a container image with quorumlab in its $PATH, like that of a release")
	number(fs, &o.job.Parallelism, "parallelism", 0, "indexed-job: number of shards to run at once (default: all)")
	fs.StringVar(&o.job.Claim, "claim", "", "indexed-job: an existing volume claim for the results (default: the "+
		"manifest creates one)")
	fs.StringVar(&o.job.Storage, "storage", "1Gi", "indexed-job: size of the claim that the manifest creates, in Mi or Gi")
	fs.StringVar(&o.slurm.Time, "time", "",
		"slurm: time limit of a shard, in sbatch's notation (default: the partition's)")
	fs.StringVar(&o.slurm.Out, "results", "out", "slurm: folder for the results, shared by all nodes")
}

// mostShards is as many as a Job and a Slurm array take without special settings.
const mostShards = 1000

// exported is the sweep, if it can run.
func (o *exportOptions) exported(args []string) (s export.ShardedSweep, err error) {
	o.sweep.seeded, o.sweep.shard, o.sweep.jobs = o.fs.Changed("seed"), "1/1", 1
	design, err := o.sweep.design(args)
	if err != nil {
		return s, err
	}
	if _, err := newTrials(design); err != nil {
		return s, err
	}
	if n := design.Total(); o.shards > n {
		return s, badUsage("", "--shards: %d shards are more than %s", o.shards, counted(n, "trial"))
	}
	s = export.ShardedSweep{Name: design.FolderName(), Shards: o.shards, Made: o.made(args), Version: version}
	s.Words = o.words(args, func(name string) bool { return slices.Contains(sweepWords, name) })
	if len(args) == 1 && strings.HasSuffix(args[0], ".yaml") {
		s.File = &export.File{Name: design.Scenario + ".yaml", Text: design.Source} // any path makes a valid key so
	}
	return s, nil
}

// sweepWords are the flags that say which trials a shard has.
var sweepWords = slices.Concat(trialFlagNames, []string{"set", "seed"})

func (o *exportOptions) indexedJob(args []string, _ streams) ([]byte, error) {
	s, err := o.exported(args)
	if err != nil {
		return nil, err
	}
	if o.job.Image == "" {
		return nil, badUsage("", "--image is missing: a container image with quorumlab")
	}
	o.job.Namespace, o.job.CPU, o.job.Memory = o.namespace, o.cpu, o.memory
	if o.job.Parallelism == 0 {
		o.job.Parallelism = o.shards
	}
	for flag, name := range map[string]string{"namespace": o.namespace, "claim": o.job.Claim} {
		if err := kubeName(flag, name); name != "" && err != nil {
			return nil, err
		}
	}
	if err := checkForm("cpu", o.cpu, cpuForm, `processors, like "2" or "500m"`); err != nil {
		return nil, err
	}
	if err := checkForm("memory", o.memory, memoryForm, `memory, like "512Mi" or "1Gi"`); err != nil {
		return nil, err
	}
	if err := checkForm("storage", o.job.Storage, memoryForm, `a size, like "512Mi" or "1Gi"`); err != nil {
		return nil, err
	}
	return export.IndexedJob(s, o.job)
}

func (o *exportOptions) slurmArray(args []string, _ streams) ([]byte, error) {
	s, err := o.exported(args)
	if err != nil {
		return nil, err
	}
	if o.slurm.CPUs, err = strconv.Atoi(o.cpu); err != nil || o.slurm.CPUs < 1 {
		return nil, badUsage("", "--cpu: %q is not a number of processors for Slurm", o.cpu)
	}
	if err := checkForm("memory", o.memory, memoryForm, `memory, like "512Mi" or "1Gi"`); err != nil {
		return nil, err
	}
	if err := checkForm("time", o.slurm.Time, timeForm,
		`a Slurm time limit, like "90", "2:30:00" or "1-12:00:00"`); o.slurm.Time != "" && err != nil {
		return nil, err
	}
	o.slurm.Memory = strings.TrimSuffix(o.memory, "i") // Slurm's units are binary
	return export.Slurm(s, o.slurm), nil
}

var (
	cpuForm    = regexp.MustCompile(`^[1-9][0-9]*m?$`)
	memoryForm = regexp.MustCompile(`^[1-9][0-9]*[MG]i$`)
	timeForm   = regexp.MustCompile(`^([0-9]+-)?[0-9]+(:[0-9]{2}){0,2}$`)
	nameForm   = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

func checkForm(flag, value string, form *regexp.Regexp, like string) error {
	if form.MatchString(value) {
		return nil
	}
	return badUsage("", "--%s: %q is not %s", flag, value, like)
}

// kubeName says what is wrong with a value that becomes a name in Kubernetes.
func kubeName(flag, value string) error {
	return checkForm(flag, value, nameForm, "a name in Kubernetes: lower-case letters, digits, dashes and dots")
}
