package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/script"
)

// reply is the answer to a line.
type reply struct {
	text   string // without the last line's end
	status *statusJSON
	shown  bool // as an event it has been told already to whoever watches the sandbox
}

// shellWord is what can be said at the prompt beside statements.
type shellWord struct {
	name, args, about string
	do                func(b *sandbox, ctx context.Context, arg string) (reply, error)
}

var shellWords []shellWord

// init, because help lists the words.
func init() {
	shellWords = []shellWord{
		{"help", "[STATEMENT]", "what there is, or all about one statement", (*sandbox).help},
		{"status", "", "the members, and what is wrong at the moment", (*sandbox).status},
		{"history", "", "the script so far", (*sandbox).history},
		{"wait", "TIME | leader", "lets time pass, or waits for a leader", (*sandbox).wait},
		{"quit", "", "ends the sandbox and writes the report", (*sandbox).quit},
	}
}

// line does what one line says, and waits, if it is to, until what a statement began is done. An
// error in the line itself is a usageError.
func (b *sandbox) line(ctx context.Context, line string, wait bool) (reply, error) {
	line = strings.TrimSpace(line)
	word, arg, _ := strings.Cut(line, " ")
	for _, w := range shellWords {
		if w.name == word {
			return w.do(b, ctx, strings.TrimSpace(arg))
		}
	}
	if line == "" || strings.HasPrefix(line, "#") {
		return reply{}, nil
	}
	if script.VerbNamed(word) == nil {
		return reply{}, badUsage("", "unknown statement %q%s; help lists what there is", word, text.DidYouMean(word, b.firstWords()))
	}
	return b.statement(ctx, line, wait)
}

// firstWords lists what a line can begin with.
func (b *sandbox) firstWords() []string {
	list := b.verbNames()
	for _, w := range shellWords {
		list = append(list, w.name)
	}
	slices.Sort(list)
	return list
}

// verbNames lists the statements that the cluster can do.
func (b *sandbox) verbNames() (names []string) {
	for _, v := range script.Verbs() {
		if b.engine.Lacks(&b.scenario.Cluster, v) == "" {
			names = append(names, v.Name)
		}
	}
	return names
}

// statement carries one out.
func (b *sandbox) statement(ctx context.Context, line string, wait bool) (reply, error) {
	st, err := script.ParseLine(line)
	if err != nil {
		return reply{}, usageError{err: err}
	}
	within, cancel := context.WithTimeout(ctx, b.patience())
	defer cancel()
	e, err := b.live.Begin(within, st)
	text := ""
	if err == nil {
		text, err = e.Text, e.Err
	}
	if err == nil && wait {
		err = b.live.Wait(ctx, e)
	}
	var bad *etcdsim.BadStatement
	switch {
	case errors.As(err, &bad):
		return reply{}, usageError{err: err}
	case errors.Is(err, script.ErrNoLeader):
		return reply{shown: true}, fmt.Errorf("%w, and %s later there was none", script.ErrNoLeader, seconds(b.patience()))
	case err != nil:
		return reply{shown: true}, err
	}
	return reply{text: capitalized(begun(text)) + ".", shown: true}, nil
}

// patience is how long a statement waits for the leader that it names: some
// elections long.
func (b *sandbox) patience() time.Duration {
	return max(2*time.Second, 5*b.scenario.Cluster.Election.Hi)
}

// help lists the statements, or tells all about one.
func (b *sandbox) help(_ context.Context, arg string) (reply, error) {
	var out strings.Builder
	if arg != "" {
		v := script.VerbNamed(arg)
		if v == nil {
			return reply{}, badUsage("", "unknown statement %q%s; help lists what there is", arg, text.DidYouMean(arg, b.verbNames()))
		}
		b.helpVerb(&out, v)
		return reply{text: strings.TrimRight(out.String(), "\n")}, nil
	}
	for _, name := range b.verbNames() {
		hanging(&out, fmt.Sprintf("  %-17s ", name), script.VerbNamed(name).About)
	}
	out.WriteString("\n")
	for _, w := range shellWords {
		hanging(&out, fmt.Sprintf("  %-17s ", w.name), w.about)
	}
	out.WriteString("\nhelp STATEMENT shows its shape. What lasts can be given a time: crash n1 for 10s")
	return reply{text: out.String()}, nil
}

func (b *sandbox) helpVerb(out *strings.Builder, v *script.Verb) {
	hanging(out, "  "+v.Usage()+"  ", v.About)
	hanging(out, "  for example: ", v.Example)
	if v.Lasts {
		hanging(out, "  for a while: ", v.Example+" for 10s")
	}
	if hasMembers(v) {
		hanging(out, "  members are: ", sim.SelectorHelp)
	}
	if why := b.engine.Lacks(&b.scenario.Cluster, v); why != "" {
		hanging(out, "  not possible here: ", why)
	}
}

// hasMembers tells whether a verb's arguments name members.
func hasMembers(v *script.Verb) bool {
	return slices.ContainsFunc(v.Args, func(a *script.Arg) bool { return a.Members })
}

// history is the script as it stands.
func (b *sandbox) history(_ context.Context, arg string) (reply, error) {
	if arg != "" {
		return reply{}, badUsage("", "history takes no argument, but got %q", arg)
	}
	var lines []string
	for _, st := range b.live.Scenario().Steps {
		lines = append(lines, fmt.Sprintf("%8s  %s", seconds(st.At), script.FormatLine(st)))
	}
	if len(lines) == 0 {
		return reply{text: "  nothing yet"}, nil
	}
	return reply{text: strings.Join(lines, "\n")}, nil
}

// waitLook is how often wait looks whether there is a leader.
const waitLook = 10 * time.Millisecond

// wait waits for a time, or until all members that can know the same leader.
func (b *sandbox) wait(ctx context.Context, arg string) (reply, error) {
	if arg != "leader" {
		d, err := sim.ParseDuration(arg)
		if err != nil {
			return reply{}, badUsage("", `wait takes a time like "10s", or "leader", not %q`, arg)
		}
		return reply{}, pass(ctx, d)
	}
	for {
		s, err := b.live.Status(ctx)
		if err != nil || leaderOf(s) != "" {
			return reply{}, err
		}
		if err := pass(ctx, waitLook); err != nil {
			return reply{}, err
		}
	}
}

// pass lets time pass. The error is ctx's.
func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *sandbox) quit(_ context.Context, arg string) (reply, error) {
	if arg != "" {
		return reply{}, badUsage("", "quit takes no argument, but got %q", arg)
	}
	b.leave()
	return reply{text: b.name + " ends"}, nil
}
