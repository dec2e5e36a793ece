package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"quorumlab/docs"
	"quorumlab/plots"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/sweep"
)

var update = flag.Bool("update", false, "write the manual's output and pictures anew")

// block is a command of a page with its output: a fence of the language console, which begins
// with "$ bin/quorumlab". What runs on real members comes out a little different each time and
// stands in fences of the language text.
var block = regexp.MustCompile("(?s)```console\n\\$ bin/quorumlab ([^\n]*)\n(.*?)```\n")

// yamlBlock is a scenario of a page. With a name behind the language it is a file that the page's
// commands can use.
var yamlBlock = regexp.MustCompile("(?s)```yaml ?([a-z0-9.-]*)\n(.*?)```\n")

// repository is the folder of the README.
var repository = filepath.Join("..", "..")

// manualPage is a page for people, the README among them.
type manualPage struct {
	name string // below the repository, with slashes
	path string // absolute
	text []byte
}

// manualPages are the README and all below docs.
func manualPages(t *testing.T) (pages []manualPage) {
	t.Helper()
	add := func(path string) error {
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		root, err := filepath.Abs(repository)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		pages = append(pages, manualPage{filepath.ToSlash(name), path, text})
		return err
	}
	err := add(filepath.Join(repository, "README.md"))
	if err == nil {
		err = filepath.WalkDir(manual, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
				return err
			}
			return add(path)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// pageNamed is a page by its name below the repository.
func pageNamed(t *testing.T, name string) manualPage {
	t.Helper()
	for _, p := range manualPages(t) {
		if p.name == name {
			return p
		}
	}
	t.Fatalf("there is no page %s", name)
	return manualPage{}
}

// afterwards holds what the commands of a page have left, in their folder.
var afterwards = map[string]func(t *testing.T, pictures string){
	"docs/sweeps.md":   sweepsHold,
	"docs/planning.md": planHolds,
}

// TestDocsShowWhatIsPrinted runs the commands of the README and of docs.
func TestDocsShowWhatIsPrinted(t *testing.T) {
	pictures, err := filepath.Abs(filepath.Join(manual, "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, p := range manualPages(t) {
		blocks := block.FindAllSubmatch(p.text, -1)
		if commands += len(blocks); len(blocks) == 0 {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, y := range yamlBlock.FindAllSubmatch(p.text, -1) {
				if name := string(y[1]); name != "" {
					writeBack(t, name, y[2])
				}
			}
			showsWhatIsPrinted(t, p, blocks)
			if then := afterwards[p.name]; then != nil && !testing.Short() {
				then(t, pictures)
			}
		})
	}
	if commands == 0 {
		t.Error("the manual shows no command")
	}
}

func showsWhatIsPrinted(t *testing.T, p manualPage, blocks [][][]byte) {
	fresh := p.text
	for _, b := range blocks {
		if testing.Short() && (bytes.Contains(b[1], []byte("sweep")) || bytes.Contains(b[1], []byte("shrink"))) {
			continue // hundreds and thousands of trials
		}
		var out bytes.Buffer
		// A slow machine shows progress on err.
		run(context.Background(), shellWordsOf(string(b[1])), streams{out: &out, err: io.Discard})
		got := strings.TrimRight(out.String(), "\n") + "\n"
		if got == string(b[2]) {
			continue
		}
		if !*update {
			t.Errorf("quorumlab %s prints:\n%s\n%s shows:\n%s", b[1], got, p.name, b[2])
		}
		shown := "```console\n$ bin/quorumlab " + string(b[1]) + "\n" + got + "```\n"
		fresh = bytes.Replace(fresh, b[0], []byte(shown), 1)
	}
	if *update {
		writeBack(t, p.path, fresh)
	}
}

// sweepsHold holds the pictures of sweeps, and what the sweeps say, after the page's commands.
func sweepsHold(t *testing.T, pictures string) {
	args := []string{"sweep", "election-theory", "--trials", "300"}
	run(context.Background(), args, streams{out: io.Discard, err: io.Discard})
	for shown, left := range sweepPictures {
		svg, err := os.ReadFile(filepath.Join("out", left))
		if err != nil {
			t.Fatal(err)
		}
		samePicture(t, filepath.Join(pictures, shown), svg)
	}
	figure16Gates(t, filepath.Join("out", "figure-16-sweep", "summary.json"))
	theoryHolds(t, filepath.Join("out", "election-theory-sweep", "summary.json"))
}

// planHolds holds the pictures of the page's plan.
func planHolds(t *testing.T, pictures string) {
	args := []string{"plan", "--members", "5", "--zones", "2+2+1", "--rtt", "40ms", "--out", "out"}
	run(context.Background(), args, streams{out: io.Discard, err: io.Discard})
	for _, name := range []string{"downtime", "latency"} {
		svg, err := os.ReadFile(filepath.Join("out", "cluster-plan", "plots", name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		samePicture(t, filepath.Join(pictures, "plan-"+name+".svg"), svg)
	}
}

// sweepPictures are the manual's pictures of sweeps and of what was shrunk, by file under
// docs/pictures, and where the commands leave them.
var sweepPictures = map[string]string{
	"figure-16.svg":       "figure-16-sweep/plots/distribution-failover.svg",
	"figure-16-trial.svg": "figure-16-sweep/plots/trial-1.svg",
	"election-theory.svg": "election-theory-sweep/plots/theory-elections.failed-at-least-1.svg",
	"shrunk.svg":          "paused-leader-lease-reads-small-sim-seed1/plots/failure.svg",
}

// sweepSummary is what a test reads of a sweep's summary.json.
type sweepSummary struct {
	Variations []struct {
		Name    string
		Set     map[string]string
		Failed  int
		Figures map[string]struct {
			P50, Mean float64
			Intervals map[string][2]float64
		}
	}
}

func readSummary(t *testing.T, path string) (s sweepSummary) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// figure16Gates holds the medians with pre-vote within a tenth of those that the
// paper's author has published, and no trial failed.
func figure16Gates(t *testing.T, path string) {
	t.Helper()
	published := map[string]float64{"12-24ms, raft/v3 pre-vote": 30.0, "150-200ms, raft/v3 pre-vote": 146.4,
		"150-300ms, raft/v3 pre-vote": 171.2}
	for _, v := range readSummary(t, path).Variations {
		if v.Failed > 0 {
			t.Errorf("%s: %d trials failed", v.Name, v.Failed)
		}
		want, ok := published[v.Name]
		if got := v.Figures["failover"].P50; ok && math.Abs(got/want-1) > 0.1 {
			t.Errorf("%s: the median is %.1f ms, published %.1f ms", v.Name, got, want)
		}
		delete(published, v.Name)
	}
	if len(published) > 0 {
		t.Errorf("there is no line %v", published)
	}
}

// theoryHolds holds trials and closed forms against each other: the split votes within
// the trials' interval, the mean time between the two cases or within 3% of them.
func theoryHolds(t *testing.T, path string) {
	t.Helper()
	n := 0
	for _, v := range readSummary(t, path).Variations {
		latency := "cluster.network.latency"
		list, err := loadScenarios([]string{"election-theory"}, []string{latency + "=" + v.Set[latency]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := sweep.ElectionOf(list[0])
		if err != nil {
			t.Fatal(err)
		}
		split, in := e.SplitVote(), v.Figures["elections.failed >= 1"].Intervals["mean"]
		if split < in[0] || split > in[1] {
			t.Errorf("%s: votes split with probability %.3f, in trials %.3f to %.3f", v.Name, split, in[0], in[1])
		}
		least, _, most := e.MeanFailover()
		if mean := v.Figures["failover"].Mean; mean < 0.97*least || mean > 1.03*most {
			t.Errorf("%s: the mean time is %.1f to %.1f ms, in trials %.1f ms", v.Name, least, most, mean)
		}
		n++
	}
	if n < 5 {
		t.Errorf("there are %d variations", n)
	}
}

// samePicture holds a shown picture to the one that is drawn now.
func samePicture(t *testing.T, path string, svg []byte) {
	t.Helper()
	if *update {
		writeBack(t, path, svg)
	}
	shown, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(shown, svg) {
		t.Errorf("%s is not the picture that is drawn now; go test ./cmd/quorumlab -run Docs -update", filepath.Base(path))
	}
}

// TestDocsScenarios reads every scenario of the manual. A part of one gets what it lacks: a length.
func TestDocsScenarios(t *testing.T) {
	for _, p := range manualPages(t) {
		for _, y := range yamlBlock.FindAllSubmatch(p.text, -1) {
			text := y[2]
			if !hasLength.Match(text) {
				text = append([]byte("run: 20s\n"), text...)
			}
			if _, _, err := scenarios.ParseSweep(cmp.Or(string(y[1]), "part.yaml"), text, nil); err != nil {
				t.Errorf("%s: %v\n%s", p.name, err, text)
			}
		}
	}
}

var hasLength = regexp.MustCompile(`(?m)^run:`)

// TestDocsErrors makes the mistakes that pages show, and wants the errors that they show.
func TestDocsErrors(t *testing.T) {
	for _, m := range []struct{ page, file, was, is string }{
		{"docs/scenario-language.md", "zone-lost.yaml", "do: crash leader", "do: crash n7"},
		{"docs/first-hour.md", "two-crashes.yaml", "do: crash leader", "do: crash leadr"},
	} {
		p := pageNamed(t, m.page)
		for _, y := range yamlBlock.FindAllSubmatch(p.text, -1) {
			if string(y[1]) != m.file {
				continue
			}
			_, err := scenarios.Parse(m.file, bytes.Replace(y[2], []byte(m.was), []byte(m.is), 1))
			if err == nil || !bytes.Contains(p.text, []byte("quorumlab: "+err.Error())) {
				t.Errorf("%s does not show this error:\n%v", p.name, err)
			}
		}
	}
}

// TestDocsSandbox says to a sandbox what the page does, and looks for every line of the page that
// does not depend on when things happen, but for its numbers.
func TestDocsSandbox(t *testing.T) {
	p := pageNamed(t, "docs/live-sandbox.md")
	shown := regexp.MustCompile("(?s)```text\n\\$ bin/quorumlab up < fail-over.txt\n(.*?)```\n").FindSubmatch(p.text)
	if shown == nil {
		t.Fatal("the page shows no sandbox")
	}
	var said strings.Builder
	for line := range strings.Lines(string(shown[1])) {
		if after, ok := strings.CutPrefix(line, "> "); ok {
			said.WriteString(after)
		}
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	var out, errs bytes.Buffer
	args := []string{"up", "--write", "none", "--set", "cluster.heartbeat=20ms", "--set", "cluster.election=200ms",
		"--set", "workload.timeout=500ms"} // what has an unknown outcome is waited for
	std := streams{in: strings.NewReader(said.String()), out: &out, err: &errs}
	if code := run(t.Context(), args, std); code != exitGood {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	printed := masked(out.String())
	for line := range strings.Lines(string(shown[1])) {
		if is := masked(line); !timed.MatchString(is) && !strings.Contains(printed, is) {
			t.Errorf("nowhere is printed\n%s\nbut\n%s", line, out.String())
		}
	}
}

// timed are the lines about when something happened, and about who.
var timed = regexp.MustCompile(`^  n0|^ +[0.]+m?s  |, up for|, since|operations:`)

// masked replaces numbers.
func masked(s string) string { return regexp.MustCompile(`[0-9]+`).ReplaceAllString(s, "0") }

// docsPictures are the figures that the manual shows, by file under docs/pictures.
var docsPictures = map[string]struct{ scenario, figure string }{
	"leader-crash-timeline.svg": {"leader-crash", "timeline"},
	"leader-crash-latency.svg":  {"leader-crash", "latency"},
	"leader-crash-messages.svg": {"leader-crash", "messages"},
	"leader-cut-off-quorum.svg": {"leader-cut-off", "quorum"},
}

// TestDocsShowWhatIsDrawn draws the manual's pictures.
func TestDocsShowWhatIsDrawn(t *testing.T) {
	for file, p := range docsPictures {
		t.Run(file, func(t *testing.T) {
			list, err := loadScenarios([]string{p.scenario}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := job{list[0], &raftsim.Engine{}}.run(t.Context(), streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
			if err != nil {
				t.Fatal(err)
			}
			svg, _, err := plots.Render(r.trace, p.figure)
			if err != nil {
				t.Fatal(err)
			}
			samePicture(t, filepath.Join(manual, "pictures", file), svg)
		})
	}
}

// TestDocsShowRealRuns draws the manual's pictures of real members from what was
// recorded of a run, which would come out a little different each time: SCENARIO-FIGURE.jsonl
// for SCENARIO-FIGURE.svg.
func TestDocsShowRealRuns(t *testing.T) {
	records, err := filepath.Glob(filepath.Join(manual, "pictures", "*.jsonl"))
	if err != nil || len(records) == 0 {
		t.Fatalf("no records: %v", err)
	}
	for _, path := range records {
		base := strings.TrimSuffix(path, ".jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			record, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer record.Close()
			tr, err := sim.ReadTrace(record)
			if err != nil {
				t.Fatal(err)
			}
			svg, _, err := plots.Render(tr, base[strings.LastIndex(base, "-")+1:])
			if err != nil {
				t.Fatal(err)
			}
			samePicture(t, base+".svg", svg)
		})
	}
}

func writeBack(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestDocsLinks follows every link to a file, and to a heading in it.
func TestDocsLinks(t *testing.T) {
	contributing := filepath.Join(repository, "CONTRIBUTING.md")
	pages := append(manualPages(t), manualPage{name: "CONTRIBUTING.md", path: contributing})
	shown := map[string]bool{}
	for _, p := range pages {
		text, err := os.ReadFile(p.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(fence.ReplaceAll(text, nil), -1) {
			to, heading, _ := strings.Cut(string(m[1]), "#")
			if strings.Contains(to, ":") {
				continue // elsewhere
			}
			target := p.path
			if to != "" {
				target = filepath.Join(filepath.Dir(p.path), filepath.FromSlash(to))
			}
			shown[filepath.Base(target)] = true
			there, err := os.Stat(target)
			if err != nil {
				t.Errorf("%s: %v", p.name, err)
			} else if heading != "" && !there.IsDir() && !hasHeading(t, target, heading) {
				t.Errorf("%s: %s has no heading %s", p.name, to, heading)
			}
		}
	}
	pictures, err := filepath.Glob(filepath.Join(manual, "pictures", "*.svg"))
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	for _, path := range pictures {
		if !shown[filepath.Base(path)] {
			t.Errorf("no page shows %s", path)
		}
	}
}

var (
	link  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence = regexp.MustCompile("(?s)```.*?```")
)

// hasHeading looks for a heading by the name that it has in links.
func hasHeading(t *testing.T, path, heading string) bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		words, is := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !is || !strings.HasPrefix(line, "#") {
			continue
		}
		anchor := notInAnchors.ReplaceAllString(strings.ToLower(strings.TrimSpace(words)), "")
		if strings.ReplaceAll(anchor, " ", "-") == heading {
			return true
		}
	}
	return false
}

var notInAnchors = regexp.MustCompile(`[^a-z0-9 _-]`)

// TestDocsIndex holds that the index lists every page, that help finds each by a name of its own,
// and that the README stays short.
func TestDocsIndex(t *testing.T) {
	listed := map[string]bool{"docs/README.md": true, "README.md": true}
	topics := map[string]bool{}
	for _, p := range docs.Pages() {
		listed["docs/"+p.Path] = true
		if _, taken := commands[p.Topic]; taken || topics[p.Topic] {
			t.Errorf("the topic %s means something else, too", p.Topic)
		}
		topics[p.Topic] = true
		text, err := p.Text()
		if err != nil || !strings.HasPrefix(text, "# "+p.Title+"\n") {
			t.Errorf("%s does not begin with its title, %q (%v)", p.Path, p.Title, err)
		}
	}
	for _, p := range manualPages(t) {
		if !listed[p.name] {
			t.Errorf("docs/README.md does not list %s", p.name)
		}
		if lines := bytes.Count(p.text, []byte("\n")); p.name == "README.md" && lines > 150 {
			t.Errorf("the README has %d lines; it may have 150", lines)
		}
	}
}
