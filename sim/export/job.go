package export

import (
	"fmt"
	"path"
	"strings"
)

// ShardedSweep is a sweep as another cluster runs it, in parts.
type ShardedSweep struct {
	// Words are what follows "quorumlab sweep": the scenario first, if there is one, then
	// the flags that say which trials there are.
	Words []string
	// Name is that of the sweep's folder: a shard's has -IofN behind it.
	Name   string
	Shards int
	// File is the scenario's, for clusters that do not have it; empty for one of the
	// library and for none.
	File *File
	Made string // the command that exports it, for the reader
	// Version is the tool's. Shards of different versions are not merged.
	Version string
}

// File is a scenario's file.
type File struct {
	Name string // without folders
	Text string
}

// JobOptions say what a sweep's Job looks like.
type JobOptions struct {
	Namespace   string // empty: whatever kubectl is set to
	Image       string // with quorumlab in its $PATH
	Parallelism int    // how many shards run at once
	Claim       string // an existing claim for the results; empty: the manifest brings one
	Storage     string // its size
	CPU, Memory string // of a shard
}

// Where the claim and the scenario's file are in a shard's pod.
const (
	resultsPath  = "/results"
	scenarioPath = "/scenario"
)

// exitBadInput is quorumlab's exit code for bad input: trying again is of no use.
const exitBadInput = 2

// IndexedJob writes a Kubernetes Job that runs a shard of the sweep in each pod, and one
// that merges them. The shards' folders are gathered on one claim.
func IndexedJob(s ShardedSweep, o JobOptions) ([]byte, error) {
	name := objectName(s.Name)
	m := func(suffix string) meta {
		return meta{Name: name + suffix, Namespace: o.Namespace,
			Labels: map[string]string{"app.kubernetes.io/name": "quorumlab"}}
	}
	var objects []any
	claim := o.Claim
	if claim == "" {
		claim = name + "-results"
		objects = append(objects, newClaim(m("-results"), o.Storage))
	}
	words := s.Words
	if s.File != nil {
		objects = append(objects, configMap{"v1", "ConfigMap", m("-scenario"), *s.File})
		words = append([]string{path.Join(scenarioPath, s.File.Name)}, words[1:]...)
	}
	shards := fmt.Sprintf("%s/%s-of%d", resultsPath, s.Name, s.Shards) // a folder with these shards alone
	command := append([]string{"quorumlab", "sweep"}, literally(words)...)
	// Kubernetes puts the variable in; no shell is needed.
	command = append(command, "--shard", fmt.Sprintf("$(JOB_COMPLETION_INDEX)+1/%d", s.Shards), "--resume", "--out")
	sweep := newJob(m(""), o, s, claim, append(command, literally([]string{shards})...))
	sweep.Spec.indexed(s.Shards, o.Parallelism)
	s.File = nil // the shards have it in them
	merge := newJob(m("-merge"), o, s, claim, append([]string{"quorumlab", "merge"},
		literally([]string{shards, "--out", resultsPath})...))
	merge.Spec.Suspend, merge.Spec.BackoffLimit = true, new(int)
	return documents(jobComment(s, o, name, claim), append(objects, sweep, merge)...)
}

func jobComment(s ShardedSweep, o JobOptions, name, claim string) []string {
	in := ""
	if o.Namespace != "" {
		in = " -n " + o.Namespace
	}
	return []string{
		fmt.Sprintf("%s in %d shards, by quorumlab %s:", s.Name, s.Shards, s.Version),
		"  " + s.Made,
		"",
		"The image must have quorumlab " + s.Version + ", and needs no shell; the claim must be writable from all",
		fmt.Sprintf("nodes, for group %d.", nobody),
		"An evicted pod resumes where it was, from the records that it left there.",
		"",
		"  kubectl apply -f FILE",
		fmt.Sprintf("  kubectl wait%s --for=condition=complete --timeout=24h job/%s", in, name),
		fmt.Sprintf(`  kubectl patch%s job/%s-merge -p '{"spec":{"suspend":false}}'`, in, name),
		fmt.Sprintf("  kubectl logs%s -f job/%s-merge", in, name),
		"",
		fmt.Sprintf("The result will be in %s on the claim %s. The merging pod fails if a trial did.", s.Name, claim),
	}
}

// objectName is a name that Kubernetes takes: no dots and underscores, and short enough
// for what is added to it.
func objectName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '_' || r == '.' {
			return '-'
		}
		return r
	}, strings.ToLower(s))
	return strings.Trim(s[:min(len(s), 48)], "-")
}

// literally are words of a command in which Kubernetes puts no variables: it reads $$ as $.
func literally(words []string) (out []string) {
	for _, w := range words {
		out = append(out, strings.ReplaceAll(w, "$", "$$"))
	}
	return out
}

// nobody is the user and the group that pods run as: that of distroless images.
const nobody = 65532

func newJob(m meta, o JobOptions, s ShardedSweep, claim string, command []string) *job {
	c := container{Name: "quorumlab", Image: o.Image, Command: command,
		Resources: &resources{Requests: quantities{CPU: o.CPU, Memory: o.Memory},
			Limits: quantities{CPU: o.CPU, Memory: o.Memory}},
		VolumeMounts: []volumeMount{{Name: "results", MountPath: resultsPath}}}
	volumes := []volume{{Name: "results", Claim: &claimVolume{claim}}}
	if s.File != nil {
		c.VolumeMounts = append(c.VolumeMounts, volumeMount{"scenario", scenarioPath, true})
		volumes = append(volumes, volume{Name: "scenario", ConfigMap: &meta{Name: objectName(s.Name) + "-scenario"}})
	}
	j := &job{APIVersion: "batch/v1", Kind: "Job", Metadata: m}
	j.Spec.Template.Spec = podSpec{RestartPolicy: "Never",
		SecurityContext: podSecurity{RunAsNonRoot: true, RunAsUser: nobody, RunAsGroup: nobody, FSGroup: nobody},
		Containers:      []container{c}, Volumes: volumes}
	return j
}

// indexed has a pod for each shard. A shard that fails is retried three times; bad input
// is not retried and ends the Job; a node that goes away uses up no retry.
func (s *jobSpec) indexed(shards, parallelism int) {
	again := 3
	s.CompletionMode, s.Completions, s.Parallelism, s.BackoffLimitPerIndex = "Indexed", shards, parallelism, &again
	s.PodFailurePolicy = &failurePolicy{[]failureRule{
		{Action: "FailJob", OnExitCodes: &exitCodes{"quorumlab", "In", []int{exitBadInput}}},
		{Action: "Ignore", OnPodConditions: []podCondition{{"DisruptionTarget", "True"}}},
	}}
}

func newClaim(m meta, size string) persistentVolumeClaim {
	c := persistentVolumeClaim{APIVersion: "v1", Kind: "PersistentVolumeClaim", Metadata: m}
	c.Spec.AccessModes = []string{"ReadWriteMany"}
	c.Spec.Resources.Requests.Storage = size
	return c
}
