package mutants

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var profile = flag.String("profile", "", "hold this coverage profile of a campaign against testdata/unreached.txt")

// watched are the files whose statements a campaign is to reach: how raft decides, and the engine around it. What is
// left out says how a run went (String, Describe), is another interface (Node, MemoryStorage), or judges failures,
// which are tested by broken traces.
var watched = []string{
	raftModule + "/raft.go", raftModule + "/log.go", raftModule + "/log_unstable.go", raftModule + "/rawnode.go",
	raftModule + "/read_only.go", raftModule + "/tracker/progress.go", raftModule + "/tracker/tracker.go",
	raftModule + "/tracker/inflights.go", raftModule + "/quorum/majority.go", raftModule + "/quorum/joint.go",
	raftModule + "/confchange/confchange.go",
	"quorumlab/sim/raftsim/apply.go", "quorumlab/sim/raftsim/backend.go", "quorumlab/sim/raftsim/change.go",
	"quorumlab/sim/raftsim/disk.go", "quorumlab/sim/raftsim/loop.go", "quorumlab/sim/raftsim/network.go",
	"quorumlab/sim/raftsim/serve.go", "quorumlab/sim/raftsim/store.go", "quorumlab/sim/raftsim/wal.go",
	"quorumlab/sim/check/safety.go", "quorumlab/sim/check/keyhistory.go", "quorumlab/sim/check/progress.go",
	"quorumlab/sim/check/revisions.go", "quorumlab/sim/check/lost.go",
}

// stretch is some statements of a profile that run one after the other.
type stretch struct {
	file       string
	line, col  int
	statements int
	reached    bool
}

var profileLine = regexp.MustCompile(`^(.+):(\d+)\.(\d+),\d+\.\d+ (\d+) (\d+)$`)

// readProfile reads what go test -coverprofile wrote, for the watched files.
func readProfile(t *testing.T, name string) (list []stretch) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		m := profileLine.FindStringSubmatch(lines.Text())
		if m == nil || !slices.Contains(watched, m[1]) {
			continue
		}
		number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n }
		list = append(list, stretch{m[1], number(2), number(3), number(4), m[5] != "0"})
	}
	if len(list) == 0 {
		t.Fatalf("%s has nothing about the watched files", name)
	}
	return list
}

// function is the head of a function in a source text.
var function = regexp.MustCompile(`^func (?:\([^)]*\) )?([A-Za-z0-9_]+)`)

// place names a stretch by its function and its first words, which stay when lines move.
func (s stretch) place(source []string) string {
	name := "-"
	for i := s.line - 1; i >= 0 && name == "-"; i-- {
		if m := function.FindStringSubmatch(source[i]); m != nil {
			name = m[1]
		}
	}
	words := strings.TrimSpace(source[s.line-1][s.col-1:])
	for i := s.line; (words == "" || words == "{" || strings.HasPrefix(words, "//") || strings.HasPrefix(words, "{ //")) &&
		i < len(source); i++ {
		words = strings.TrimSpace(source[i])
	}
	if len(words) > 60 {
		words = strings.TrimSpace(words[:60])
	}
	return fmt.Sprintf("%s %s: %s", path.Base(s.file), name, words)
}

// TestUnreached holds what a campaign did not reach against testdata/unreached.txt, where each stretch stands below the
// reason: make coverage. What is neither reached nor explained is an error.
func TestUnreached(t *testing.T) {
	if *profile == "" {
		t.Skip("give -profile FILE; make coverage does")
	}
	reasons := explanations(t)
	raft := raftDir(t)
	sources := map[string][]string{}
	all, reached, unexplained := map[string]int{}, map[string]int{}, 0
	for _, s := range readProfile(t, *profile) {
		if sources[s.file] == nil {
			at := filepath.Join(raft, strings.TrimPrefix(s.file, raftModule))
			if ours, ok := strings.CutPrefix(s.file, "quorumlab/"); ok {
				at = absolute(t, ours)
			}
			text, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			sources[s.file] = strings.Split(string(text), "\n")
		}
		all[s.file] += s.statements
		if s.reached || s.statements == 0 {
			reached[s.file] += s.statements
			continue
		}
		if s.line > len(sources[s.file]) || s.col > len(sources[s.file][s.line-1])+1 {
			t.Fatalf("%s is not of these sources: %s has no line %d", *profile, s.file, s.line)
		}
		if place := s.place(sources[s.file]); !reasons.has(place) {
			t.Errorf("not reached, and no reason in testdata/unreached.txt:\n%s", place)
			unexplained++
		}
	}
	fmt.Printf("%-44s %8s %8s\n", "file", "reached", "of")
	for _, f := range watched {
		fmt.Printf("%-44s %8d %8d\n", strings.TrimPrefix(f, "quorumlab/"), reached[f], all[f])
	}
	fmt.Printf("%d stretches are neither reached nor explained\n", unexplained)
}

// explained are the places of testdata/unreached.txt: whole functions, and places by a regular expression.
type explained struct {
	functions map[string]bool
	patterns  []*regexp.Regexp
}

func (x explained) has(place string) bool {
	name, _, _ := strings.Cut(place, ":")
	fits := func(p *regexp.Regexp) bool { return p.MatchString(place) }
	return x.functions[name] || slices.ContainsFunc(x.patterns, fits)
}

// explanations reads testdata/unreached.txt: reasons after #, and below each what has it, a function of a file or,
// after ~, a regular expression for places.
func explanations(t *testing.T) explained {
	t.Helper()
	text, err := os.ReadFile("testdata/unreached.txt")
	if err != nil {
		t.Fatal(err)
	}
	x := explained{functions: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		switch line = strings.TrimSpace(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "~ "):
			p, err := regexp.Compile(strings.TrimPrefix(line, "~ "))
			if err != nil {
				t.Fatal(err)
			}
			x.patterns = append(x.patterns, p)
		default:
			x.functions[line] = true
		}
	}
	return x
}

// TestUnreachedIsReadable: the reasons can be read, and each stands for something.
func TestUnreachedIsReadable(t *testing.T) {
	if x := explanations(t); len(x.functions) < 10 || len(x.patterns) < 5 {
		t.Errorf("%d functions and %d patterns are explained", len(x.functions), len(x.patterns))
	}
}
