package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
)

func init() {
	register(command{
		name:     "man",
		args:     "DIR",
		about:    "Writes a man page for each command into a folder",
		details:  "Choose a folder that man searches, such as ~/.local/share/man/man1. The pages say what --help says.",
		examples: []string{"quorumlab man ~/.local/share/man/man1"},
		flags: func(fs *pflag.FlagSet) action {
			var force bool
			forceFlag(fs, &force)
			return func(_ context.Context, args []string, std streams) error {
				if len(args) != 1 {
					return badUsage("", "man takes one folder, not %d", len(args))
				}
				return writeManPages(args[0], force, std.out)
			}
		},
	})
}

// writeManPages writes quorumlab.1, and quorumlab-NAME.1 for each command.
func writeManPages(dir string, force bool, out io.Writer) error {
	pages := map[string]func(io.Writer) error{"quorumlab.1": manOverview}
	for _, n := range commandNames() {
		pages["quorumlab-"+n+".1"] = commands[n].man
	}
	files := map[string][]byte{}
	for name, fill := range pages {
		var b bytes.Buffer
		if err := fill(&b); err != nil {
			return err
		}
		files[name] = b.Bytes()
	}
	if err := leaveFiles(dir, "man page", force, files); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s in %s\n", counted(len(pages), "man page"), filepath.ToSlash(dir))
	return err
}

func manOverview(w io.Writer) error {
	var p manPage
	p.head("quorumlab", "runs fault scenarios on simulated and on real etcd clusters")
	p.section("SYNOPSIS")
	p.bold("quorumlab COMMAND")
	p.section("COMMANDS")
	for _, n := range commandNames() {
		p.item("quorumlab-"+n+"(1)", commands[n].about+".")
	}
	p.exits()
	p.section("SEE ALSO")
	p.text("quorumlab help lists the pages of the manual, and quorumlab help TOPIC shows one.")
	return p.to(w)
}

// man writes the command's page.
func (c command) man(w io.Writer) error {
	fs, _ := c.parser()
	var p manPage
	p.head("quorumlab-"+c.name, strings.ToLower(c.about[:1])+c.about[1:])
	p.section("SYNOPSIS")
	p.bold(c.usage())
	p.section("DESCRIPTION")
	p.text(strings.TrimSpace(c.about + ". " + c.details))
	if fs.HasFlags() {
		p.section("OPTIONS")
		fs.VisitAll(func(f *pflag.Flag) {
			p.item("--"+f.Name+valueShape(f), f.Usage+withDefault(f))
		})
	}
	p.exits()
	p.section("EXAMPLES")
	for _, e := range c.examples {
		p.code(e)
	}
	p.section("SEE ALSO")
	p.text("quorumlab(1)")
	return p.to(w)
}

// valueShape is what follows a flag's name.
func valueShape(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return ""
	case "int", "uint", "uint64":
		return " N"
	case "stringSlice":
		return " VALUE,..."
	}
	return " VALUE"
}

// manPage is a page in the macros of man(7).
type manPage struct{ b strings.Builder }

func (p *manPage) head(name, about string) {
	fmt.Fprintf(&p.b, ".TH %s 1 \"\" \"quorumlab %s\" \"quorumlab\"\n", strings.ToUpper(roff(name)), version)
	p.section("NAME")
	fmt.Fprintf(&p.b, "%s \\- %s\n", roff(name), roff(about))
}

func (p *manPage) section(name string) { fmt.Fprintf(&p.b, ".SH %s\n", name) }

func (p *manPage) text(s string) { fmt.Fprintln(&p.b, roff(s)) }

func (p *manPage) bold(s string) { fmt.Fprintf(&p.b, "\\fB%s\\fR\n", roff(s)) }

func (p *manPage) item(what, about string) {
	fmt.Fprintf(&p.b, ".TP\n\\fB%s\\fR\n%s\n", roff(what), roff(about))
}

func (p *manPage) code(line string) { fmt.Fprintf(&p.b, ".PP\n.nf\n.RS\n%s\n.RE\n.fi\n", roff(line)) }

func (p *manPage) exits() {
	p.section("EXIT STATUS")
	p.item("0", "success")
	p.item("1", "a check or an expectation failed, or an error occurred")
	p.item("2", "bad input: nothing was done")
	p.item("3", "a program that is needed is not installed")
	p.item("4", "a backup could not be restored")
	p.item("130", "interrupted")
}

func (p *manPage) to(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// roff writes a text so that no letter of it is a command.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
