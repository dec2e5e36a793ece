package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"quorumlab/docs"
	"quorumlab/scenarios"
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
	"docs/sweeps.md":     sweepsHold,
	"docs/planning.md":   planHolds,
	"docs/literature.md": literatureHolds,
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
		execute(context.Background(), shellWordsOf(string(b[1])), streams{out: &out, err: io.Discard})
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

// TestDocsCommandsAreRead reads the command lines of the manual, also those that are not run: that they
// name commands and flags that there are.
func TestDocsCommandsAreRead(t *testing.T) {
	read := 0
	for _, p := range manualPages(t) {
		text := strings.ReplaceAll(string(p.text), "\\\n", " ") // lines that go on
		for _, m := range commandLine.FindAllStringSubmatch(text, -1) {
			words := shellWordsOf(m[1])
			if end := slices.IndexFunc(words, isShell); end >= 0 {
				words = words[:end]
			}
			c, ok := commands[words[0]]
			if !ok {
				t.Errorf("%s: there is no command %s", p.name, words[0])
				continue
			}
			flags, _ := c.parser()
			if err := flags.Parse(words[1:]); err != nil && !errors.Is(err, pflag.ErrHelp) {
				t.Errorf("%s: quorumlab %s: %v", p.name, m[1], err)
			}
			read++
		}
	}
	if read < 20 {
		t.Errorf("only %d command lines were found", read)
	}
}

// isShell tells that a word begins what is not the command's: a comment, a pipe or another file.
func isShell(word string) bool { return word != "" && strings.ContainsAny(word[:1], "#|<>") }

// commandLine is a line of a block, or a part of a text that is set as code.
var commandLine = regexp.MustCompile("(?m)(?:^(?:    |\\$ )|`)(?:bin/)?quorumlab ([a-z][^`\n]*)")

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
