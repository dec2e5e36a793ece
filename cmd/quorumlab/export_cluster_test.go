package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/testscript"
)

// The clusters of these tests are this machine: each pod and each task of an array is a
// process of its own, side by side, with the variable that its cluster sets.

// kubeObject is what a test reads of an object.
type kubeObject struct {
	Kind string
	Data map[string]string
	Spec struct {
		Completions int
		Suspend     bool
		Template    struct {
			Spec struct {
				Containers []struct{ Command []string }
			}
		}
	}
}

// runJob runs the Jobs of a manifest, the suspended one last. What they have under / is in
// a folder.
func runJob(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: runjob MANIFEST FOLDER")
	}
	dir := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Join(dir, "scenario"), 0o777))
	jobs := 0
	for doc := range bytes.SplitSeq([]byte(ts.ReadFile(args[0])), []byte("\n---\n")) {
		var m kubeObject
		ts.Check(yaml.Unmarshal(append(bytes.Clone(doc), '\n'), &m)) // which the separator took
		for name, text := range m.Data {
			ts.Check(os.WriteFile(filepath.Join(dir, "scenario", name), []byte(text), 0o666))
		}
		if m.Kind != "Job" {
			continue
		}
		if jobs++; m.Spec.Suspend != (jobs == 2) {
			ts.Fatalf("job %d: suspended is %v", jobs, m.Spec.Suspend)
		}
		command := m.Spec.Template.Spec.Containers[0].Command
		var pods []*exec.Cmd
		for i := range max(1, m.Spec.Completions) {
			// the last two as Kubernetes does
			at := strings.NewReplacer("/results", dir+"/results", "/scenario/", dir+"/scenario/", "$$", "$",
				"$(JOB_COMPLETION_INDEX)", strconv.Itoa(i))
			var words []string
			for _, w := range command {
				words = append(words, at.Replace(w))
			}
			pods = append(pods, process(ts, "JOB_COMPLETION_INDEX="+strconv.Itoa(i), words...))
		}
		finish(ts, pods)
	}
	if jobs != 2 {
		ts.Fatalf("there are %d Jobs", jobs)
	}
}

// runArray runs an array's tasks, and then the command that it tells for merging.
func runArray(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: runarray SCRIPT")
	}
	text := ts.ReadFile(args[0])
	last := regexp.MustCompile(`(?m)^#SBATCH --array=1-([0-9]+)$`).FindStringSubmatch(text)
	merge := regexp.MustCompile(`(?m)^#   sbatch --dependency=afterok:"\$job" --wrap (.*)$`).FindStringSubmatch(text)
	if last == nil || merge == nil {
		ts.Fatalf("no array, or nothing that merges it, in\n%s", text)
	}
	n, err := strconv.Atoi(last[1])
	ts.Check(err)
	var tasks []*exec.Cmd
	for i := range n {
		tasks = append(tasks, process(ts, "SLURM_ARRAY_TASK_ID="+strconv.Itoa(i+1), "sh", ts.MkAbs(args[0])))
	}
	finish(ts, tasks)
	finish(ts, []*exec.Cmd{process(ts, "", "sh", "-c", "sh -c "+merge[1])})
}

// process begins one in the script's folder.
func process(ts *testscript.TestScript, variable string, command ...string) *exec.Cmd {
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = ts.MkAbs("."), append(os.Environ(), "PATH="+ts.Getenv("PATH"), variable)
	c.Stdout, c.Stderr = &bytes.Buffer{}, &bytes.Buffer{}
	ts.Check(c.Start())
	return c
}

func finish(ts *testscript.TestScript, processes []*exec.Cmd) {
	var failed []string
	for _, c := range processes {
		if err := c.Wait(); err != nil {
			failed = append(failed, fmt.Sprintf("%v: %v\n%v", c.Args, err, c.Stderr))
		}
	}
	if len(failed) > 0 {
		ts.Fatalf("%s", strings.Join(failed, "\n"))
	}
}
