package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/docs"
	"quorumlab/internal/text"
)

func init() {
	register(command{
		name:  "help",
		args:  "[TOPIC]",
		about: "Shows a page of the manual, or lists all pages",
		details: "A topic is a page of the manual, a command, or an entry of the reference: a statement, a group of " +
			"settings, a scenario. The pages are those in the docs folder.",
		examples: []string{"quorumlab help first-hour", "quorumlab help crash"},
		next:     first(topics),
		flags: func(*pflag.FlagSet) action {
			return func(_ context.Context, args []string, std streams) error {
				switch len(args) {
				case 0:
					return listTopics(std.out)
				case 1:
					return showTopic(std, args[0])
				}
				return badUsage("", "help takes one topic, not %d", len(args))
			}
		},
	})
}

// listTopics shows the commands, then the manual's pages.
func listTopics(w io.Writer) error {
	fmt.Fprint(w, overview(), "\nTopics:\n\n")
	for _, p := range docs.Pages() {
		hanging(w, fmt.Sprintf("  %-18s ", p.Topic), p.About)
	}
	return nil
}

// topics are what help shows, but for the entries of the reference.
func topics() (cs []candidate) {
	for _, p := range docs.Pages() {
		cs = append(cs, candidate{p.Topic, p.About})
	}
	return append(cs, commandCandidates()...)
}

// showTopic shows the page, the command, or the entries of the reference of that name.
func showTopic(std streams, topic string) error {
	for _, p := range docs.Pages() {
		if p.Topic != topic {
			continue
		}
		page, err := p.Text()
		if err != nil {
			return err
		}
		return showPage(std, page)
	}
	if c, ok := commands[topic]; ok {
		c.help(std.out)
		return nil
	}
	for _, p := range docs.Pages() { // "help figure" is as good as "help figures"
		if strings.EqualFold(p.Topic, topic) || strings.EqualFold(p.Topic, topic+"s") {
			return showTopic(std, p.Topic)
		}
	}
	if strings.EqualFold(topic, "README") {
		return listTopics(std.out)
	}
	found, names, err := entries(topic)
	if err != nil {
		return err
	}
	rows, err := rowsNamed(topic)
	if err != nil {
		return err
	}
	found = rows + found
	if found == "" {
		for _, c := range topics() {
			names = append(names, c.word)
		}
		return badUsage("quorumlab help lists the topics", "unknown topic %q%s", topic, text.DidYouMean(topic, names))
	}
	return showPage(std, found)
}

// entries are the sections of the reference with that name, and the names of all.
func entries(name string) (found string, names []string, err error) {
	for _, p := range docs.Pages() {
		if path.Dir(p.Path) != "reference" {
			continue
		}
		page, err := p.Text()
		if err != nil {
			return "", nil, err
		}
		starts := entryStart.FindAllStringSubmatchIndex(page, -1)
		for i, s := range starts {
			end := len(page)
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			is := page[s[2]:s[3]]
			if names = append(names, is); is == name {
				found += page[s[0]:end]
			}
		}
	}
	return found, names, nil
}

// rowsNamed are the rows of the reference's tables that begin with that name, each under its page's title and
// its table's head: measures, checks and figures are such rows.
func rowsNamed(name string) (found string, err error) {
	for _, p := range docs.Pages() {
		if path.Dir(p.Path) != "reference" {
			continue
		}
		page, err := p.Text()
		if err != nil {
			return "", err
		}
		title, head, rule := "", "", ""
		last := ""
		for line := range strings.Lines(page) {
			switch {
			case strings.HasPrefix(line, "# ") && title == "":
				title = line
			case strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| --"):
				head, rule = last, line
			case strings.HasPrefix(line, "| `"+name+"` |"):
				found += title + "\n" + head + rule + line + "\n"
			}
			last = line
		}
	}
	return found, nil
}

// entryStart is the heading of an entry of the reference.
var entryStart = regexp.MustCompile("(?m)^##+ `?([a-z0-9.-]+)`?$")

// forTerminal makes of a page what can be read without a browser: what links and pictures show.
func forTerminal(page string) string {
	page = pictureLink.ReplaceAllString(page, "(Picture: $1.)")
	return pageLink.ReplaceAllStringFunc(page, func(link string) string {
		m := pageLink.FindStringSubmatch(link)
		topic := strings.TrimSuffix(path.Base(m[2]), ".md")
		known := slices.ContainsFunc(docs.Pages(), func(p docs.Page) bool { return p.Topic == topic })
		if strings.Contains(m[2], "://") || !known {
			return m[1]
		}
		return m[1] + " (`quorumlab help " + topic + "`)"
	})
}

var (
	pictureLink = regexp.MustCompile(`!\[([^]]*)\]\([^)]*\)`)
	// pageLink is a link to a file; one to the web stays as it is.
	pageLink = regexp.MustCompile(`\[([^]]+)\]\(([^):#]*)(?:#[^)]*)?\)`)
)
