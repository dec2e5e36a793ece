package roleinkubernetes

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/lessons"
	"quorumlab/lessons/lessontest"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) {
	readSources(t)
	lessontest.Whole(t, Lesson())
}

// readSources reads the program's sources, so that go test runs these tests again when they change.
func readSources(t *testing.T) {
	files, err := filepath.Glob("apiserver/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("the program's sources: %v, %v", files, err)
	}
	for _, f := range files {
		if _, err := os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
}

// graded are answers to the tasks besides the starts and models: what they get, and what is said of the
// first thing that they lack.
var graded = map[string]struct {
	task, answer string
	got          int
	hint         string
}{
	"loop: a lock":        {"loop", "lock\nget\ncount\nput\nunlock\non-conflict again\n", 10, ""},
	"loop: a cached copy": {"loop", "get-cached\ncount\nput-if-unchanged\non-conflict again", 10, ""},
	// unlock takes a step, and by then the cache has what was put
	"loop: a lock and a cache": {"loop", "lock\nget-cached\ncount\nput\nunlock\non-conflict again\n", 10, ""},
	"loop: a lock too late": {"loop", "get\ncount\nlock\nput\nunlock\non-conflict resend\n", 2,
		"rejected when the object has changed"},
	"loop: refused and dropped": {"loop", "get\ncount\nput-if-unchanged\n", 6, "has to try again"},
	"loop: the same copy again": {"loop", "get\ncount\nput-if-unchanged\non-conflict resend\n", 4, "has to try again"},
	"encryption: secretbox": {"encryption", `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: ["*."]
  providers:
  - secretbox: {keys: [{name: fresh, secret: 9mJm0S1Yb4xLw3m7c2q0oXn5t8u1v6z4A2d7f0g3h6I=}]}
  - identity: {}
  - aesgcm: {keys: [{name: key1, secret: a2V5MWtleTFrZXkxa2V5MWtleTFrZXkxa2V5MWtleTE=}]}
`, 10, ""},
	"encryption: the old key dropped": {"encryption", `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - aesgcm: {keys: [{name: key2, secret: 9mJm0S1Yb4xLw3m7c2q0oXn5t8u1v6z4A2d7f0g3h6I=}]}
  - identity: {}
`, 8, "a key is needed until everything"},
	"encryption: the leaked key renamed": {"encryption", strings.Replace(string(encryptionModel),
		"9mJm0S1Yb4xLw3m7c2q0oXn5t8u1v6z4A2d7f0g3h6I=",
		"a2V5MWtleTFrZXkxa2V5MWtleTFrZXkxa2V5MWtleTE=", 1), 7, "with a secret of its own"},
	"encryption: the leaked key in another provider": {"encryption", `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - secretbox: {keys: [{name: fresh, secret: a2V5MWtleTFrZXkxa2V5MWtleTFrZXkxa2V5MWtleTE=}]}
  - aesgcm: {keys: [{name: key1, secret: a2V5MWtleTFrZXkxa2V5MWtleTFrZXkxa2V5MWtleTE=}]}
  - identity: {}
`, 7, "with a secret of its own"},
	"encryption: half of the leaked key": {"encryption", strings.Replace(string(encryptionModel),
		"9mJm0S1Yb4xLw3m7c2q0oXn5t8u1v6z4A2d7f0g3h6I=",
		"a2V5MWtleTFrZXkxa2V5MQ==", 1), 7, "with a secret of its own"},
	"encryption: as it was": {"encryption", string(encryptionStart), 0, "the first provider is used for writing"},
	"settings: never compacted": {"settings", "etcd-compaction-interval: 0m\nevent-ttl: 26m\nheartbeat: " +
		"lease\nheartbeat-every: 10s\n", 4,
		"a store that forgets nothing is full some day"},
	"loop: only reads": {"loop", "get\n", 0, "rejected when the object has changed"},
	"settings: a longer interval": {"settings", "etcd-compaction-interval: 12m\nevent-ttl: 26m\nheartbeat: " +
		"lease\nheartbeat-every: 8s\n", 10, ""},
	"settings: rare heartbeats": {"settings", "etcd-compaction-interval: 10m\nevent-ttl: 30m\nheartbeat: " +
		"node-status\nheartbeat-every: 60s\n", 8, "considered dead"},
}

func TestAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("answers are judged by running them")
	}
	readSources(t)
	for name, c := range graded {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			marks, err := judge(t, c.task, c.answer)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := lessons.Sum(marks)
			hint := ""
			for _, m := range marks {
				if hint == "" {
					hint = m.Hint
				}
			}
			if got != c.got || !strings.Contains(hint, c.hint) || c.hint == "" && hint != "" {
				t.Errorf("got %d points of %d wanted, hint %q; %+v", got, c.got, hint, marks)
			}
		})
	}
}

// unreadable are answers that can't be read, and where and why.
var unreadable = map[string]struct{ task, answer, want string }{
	"a verb": {"loop", "get\n  add\n", `loop.txt:2:3: unknown command "add"`},
	"after a conflict": {"loop", "get\ncount\nput\non-conflict retry\n",
		`loop.txt:4:13: on-conflict is one of again, resend, give-up, not "retry"`},
	"nothing read":      {"loop", "count\nput\n", "loop.txt:1:1: count needs a copy of the object"},
	"no step":           {"loop", "# nothing\n", "loop.txt:1:1: the loop has no steps"},
	"settings: a field": {"settings", "compaction: 5m\n", `settings.yaml:1:1: unknown field "compaction"`},
	"settings: a word": {"settings", "etcd-compaction-interval: 5m\nevent-ttl: 1h\nheartbeat: node\nheartbeat-every: " +
		"10s\n", `heartbeat must be lease or node-status, not "node"`},
	"settings: seconds": {"settings", "etcd-compaction-interval: 90s\nevent-ttl: 1h\nheartbeat: " +
		"lease\nheartbeat-every: 10s\n", "etcd-compaction-interval must be whole minutes"},
	"encryption: a word": {"encryption", "apiVersion: apiserver.config.k8s.io/v1\nkind: " +
		"EncryptionConfiguration\nresources:\n- resources: [secrets]\n  provider: []\n",
		`encryption.yaml:5:3: unknown field "provider"`},
}

func TestUnreadableAnswers(t *testing.T) {
	for name, c := range unreadable {
		t.Run(name, func(t *testing.T) { refusedAs(t, c.task, c.answer, c.want) })
	}
}

// TestRefusedByKubernetes holds that what kube-apiserver itself refuses is told with its place.
func TestRefusedByKubernetes(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program")
	}
	refusedAs(t, "encryption", strings.Replace(string(encryptionModel), "a2V5MWtleTFrZXkxa2V5MWtleTFrZXkxa2V5MWtleTE=",
		"c2hvcnQ=", 1), "encryption.yaml:11:17: ")
}

func refusedAs(t *testing.T, task, answer, want string) {
	_, err := judge(t, task, answer)
	var bad *lessons.BadAnswer
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func judge(t *testing.T, task, answer string) ([]lessons.Mark, error) {
	l := Lesson()
	k, err := l.Task(task)
	if err != nil {
		t.Fatal(err)
	}
	return k.Judge.Judge(t.Context(), &lessons.Env{Dir: t.TempDir(), Version: "test", Say: func(string, ...any) {}},
		k.File, []byte(answer))
}

// TestWithoutTheProgram holds that it is said what is missing, where it was sought and how to get it.
func TestWithoutTheProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := locate(t.Context(), filepath.Join(t.TempDir(), "quorumlab"), "")
	if !errors.Is(err, errNoProgram) || !strings.Contains(err.Error(), "`make build`") ||
		!strings.Contains(err.Error(), "in $PATH") {
		t.Errorf("got %v", err)
	}
	_, err = locate(t.Context(), filepath.Join(t.TempDir(), "quorumlab"), "apiserver") // and there is no go command
	if !errors.Is(err, errNoProgram) || !strings.Contains(err.Error(), "by building it") {
		t.Errorf("got %v", err)
	}
}

// TestBeside holds that the program beside the one that runs is taken first.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	want := filepath.Join(dir, programName+exeSuffix())
	if err := os.WriteFile(want, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := locate(t.Context(), filepath.Join(dir, "quorumlab"), ""); got != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestInterrupted holds that an interrupt ends the members and the program, and is told as such.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	env := &lessons.Env{Dir: dir, Version: "test", Say: func(text string, _ ...any) {
		if text == "%s" { // the program speaks
			cancel()
		}
	}}
	var r conflictsResult
	err := (experiment{name: "conflicts"}).run(ctx, env, &r)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestSameEtcd holds that the program's client is as new as the members.
func TestSameEtcd(t *testing.T) {
	version := regexp.MustCompile(`(?m)^\s+go\.etcd\.io/etcd/client/v3 (\S+)`)
	var found []string
	for _, f := range []string{"../../go.mod", "apiserver/go.mod"} {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := version.FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s names no etcd client", f)
		}
		found = append(found, string(m[1]))
	}
	if found[0] != found[1] {
		t.Errorf("quorumlab has etcd's client %s, and the program %s", found[0], found[1])
	}
}

func TestBounds(t *testing.T) {
	least, most := bounds([]history{{5, 5}, {9, 9}, {10, 5}, {14, 9}, {15, 5}})
	if least != 5 || most != 9 {
		t.Errorf("got %d and %d", least, most)
	}
}
