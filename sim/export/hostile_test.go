package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"quorumlab/internal/text"
	"quorumlab/sim/export"
)

// FuzzHostileWords: whatever the command line and a scenario's file have in them, a shell and a reader of YAML find it
// where it belongs, as it was, and nothing else.
func FuzzHostileWords(f *testing.F) {
	dir := stub(f)
	f.Add("out", "title=it's", "quorumlab:1", "run: 1s\n")
	f.Add("o\ntouch x #", "title=$(touch x)`touch x`", "a\nb: c", "a: \"\u202e\"\n")
	f.Add("a b'c\"d$e", "\x1b[2J=\u2028", "{x: y}# z", "- \x00\n---\nkind: Pod\n")
	f.Add("'", "\\", "!!binary |", "  \n: x\n")
	f.Fuzz(func(t *testing.T, out, word, image, file string) {
		for _, s := range []string{out, word, image, file} {
			if strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
				t.Skip("no argument has it")
			}
		}
		s := export.ShardedSweep{Words: []string{"odd.yaml", "--set", word}, Name: "odd-sweep", Shards: 3,
			Made: "quorumlab export odd.yaml --set " + text.ShellWord(word), Version: "1"}
		script := export.Slurm(s, export.SlurmOptions{CPUs: 2, Memory: "1G", Out: out})
		comments, _, ok := strings.Cut(string(script), "\nset -eu\n")
		for l := range strings.Lines(comments) {
			ok = ok && strings.HasPrefix(l, "#")
		}
		if !ok || strings.ContainsFunc(comments, text.Obeyed) {
			t.Errorf("not only comments:\n%s", comments)
		}
		holds(t, dir, []string{"SLURM_ARRAY_TASK_ID=2"}, script, "sweep", "odd.yaml", "--set", word, "--shard", "2/3",
			"--jobs", "2", "--resume", "--out", out)
		_, merge, _ := strings.Cut(comments, "--wrap ")
		merge, _, _ = strings.Cut(merge, "\n#\n")
		if text.ShownLine(out) == out { // else the comment shows what no shell takes
			holds(t, dir, nil, []byte("sh -c "+merge), "merge", out+"/odd-sweep-*of3", "--out", out)
		}

		s.File = &export.File{Name: "odd.yaml", Text: file}
		m, err := export.IndexedJob(s, export.JobOptions{Image: image, Parallelism: 2, Storage: "1Gi", CPU: "2",
			Memory: "1Gi"})
		if err != nil {
			t.Fatal(err)
		}
		jobs := 0
		for d := yaml.NewDecoder(bytes.NewReader(m)); ; {
			var o struct {
				Kind string
				Data map[string]string
				Spec struct {
					Template struct {
						Spec struct {
							Containers []struct {
								Image, Name string
								Command     []string
							}
						}
					}
				}
			}
			if err := d.Decode(&o); err != nil {
				break
			}
			switch o.Kind {
			case "ConfigMap":
				if len(o.Data) != 1 || o.Data["odd.yaml"] != file {
					t.Errorf("%q came out as %q\n%s", file, o.Data, m)
				}
			case "Job":
				jobs++
				c := o.Spec.Template.Spec.Containers
				if len(c) != 1 || c[0].Image != image || len(c[0].Command) < 3 {
					t.Fatalf("%q came out as %+v\n%s", image, c, m)
				}
				if jobs == 1 {
					want := []string{"quorumlab", "sweep", "/scenario/odd.yaml", "--set", word, "--shard", "1+1/3", "--resume",
						"--out", "/results/odd-sweep-of3"}
					if got := inPod(c[0].Command, 1); !slices.Equal(got, want) {
						t.Errorf("a pod runs %q; want %q", got, want)
					}
				}
			}
		}
		if jobs != 2 {
			t.Errorf("%d jobs in\n%s", jobs, m)
		}
	})
}

// inPod is a command after Kubernetes has put the pod's number in, and read $$ as $.
func inPod(command []string, pod int) (out []string) {
	as := strings.NewReplacer("$$", "$", "$(JOB_COMPLETION_INDEX)", strconv.Itoa(pod))
	for _, w := range command {
		out = append(out, as.Replace(w))
	}
	return out
}

// stub is a folder with a program quorumlab that prints its arguments, each with a NUL behind it.
func stub(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell here: ", err)
	}
	dir := t.TempDir()
	program := "#!/bin/sh\nfor a; do printf '%s\\0' \"$a\"; done\n"
	if err := os.WriteFile(filepath.Join(dir, "quorumlab"), []byte(program), 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// holds runs a script, in which quorumlab must get these arguments, and which must do nothing else.
func holds(t *testing.T, dir string, env []string, script []byte, want ...string) {
	t.Helper()
	work := t.TempDir()
	c := exec.Command("sh", "-c", string(script))
	c.Dir, c.Env = work, append(env, "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := c.Output()
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: quorumlab gets %q; want %q, by\n%s", err, got, want, script)
	}
	if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
		t.Errorf("the script left %v, %v:\n%s", left, err, script)
	}
}
