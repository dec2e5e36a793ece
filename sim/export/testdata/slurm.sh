#!/bin/sh
#SBATCH --job-name=figure-16-sweep
#SBATCH --array=1-4
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=1:00:00
#SBATCH --requeue
#SBATCH --output=figure-16-sweep-%A_%a.log
#
# figure-16-sweep in 4 shards, by quorumlab 1:
#   quorumlab export figure-16 --to slurm
#
# All nodes must see this folder and quorumlab 1. A task that is requeued
# resumes where it was.
#
#   job=$(sbatch --parsable FILE)
#   sbatch --dependency=afterok:"$job" --wrap 'quorumlab merge out/figure-16-sweep-*of4 --out out'
#
# The result will be in out/figure-16-sweep.
set -eu
exec quorumlab sweep figure-16 --set 'title=it'\''s' --shard "$SLURM_ARRAY_TASK_ID/4" --jobs 2 --resume --out out
