package export

import (
	"fmt"
	"strings"

	"quorumlab/internal/text"
)

// SlurmOptions say what a sweep's array looks like.
type SlurmOptions struct {
	CPUs   int    // of a shard
	Memory string // of a shard, as Slurm writes it
	Time   string // the longest that a shard may take, as Slurm writes it; empty: the partition's
	// Out is the folder for the shards' folders, on a file system that all nodes see.
	Out string
}

// Slurm writes a script for sbatch: an array with a shard in each task.
func Slurm(s ShardedSweep, o SlurmOptions) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	comment := func(format string, args ...any) { line("%s", commentLine(fmt.Sprintf(format, args...))) }
	line("#!/bin/sh")
	line("#SBATCH --job-name=%s", s.Name)
	line("#SBATCH --array=1-%d", s.Shards)
	line("#SBATCH --ntasks=1")
	line("#SBATCH --cpus-per-task=%d", o.CPUs)
	line("#SBATCH --mem=%s", o.Memory)
	if o.Time != "" {
		line("#SBATCH --time=%s", o.Time)
	}
	line("#SBATCH --requeue")
	line("#SBATCH --output=%s-%%A_%%a.log", s.Name)
	comment("")
	comment("%s in %d shards, by quorumlab %s:", s.Name, s.Shards, s.Version)
	comment("  %s", s.Made)
	comment("")
	comment("All nodes must see this folder and quorumlab %s. A task that is requeued", s.Version)
	comment("resumes where it was.")
	comment("")
	comment("  job=$(sbatch --parsable FILE)")
	comment(`  sbatch --dependency=afterok:"$job" --wrap %s`, text.ShellWord(fmt.Sprintf("quorumlab merge %s/%s-*of%d --out %s",
		text.ShellWord(o.Out), s.Name, s.Shards, text.ShellWord(o.Out))))
	comment("")
	comment("The result will be in %s/%s.", o.Out, s.Name)
	line("set -eu")
	words := make([]string, len(s.Words))
	for i, w := range s.Words {
		words[i] = " " + text.ShellWord(w)
	}
	line(`exec quorumlab sweep%s --shard "$SLURM_ARRAY_TASK_ID/%d" --jobs %d --resume --out %s`, strings.Join(words, ""),
		s.Shards, o.CPUs, text.ShellWord(o.Out))
	return []byte(b.String())
}
