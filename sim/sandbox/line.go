package sandbox

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
	"quorumlab/sim/run"
	"quorumlab/sim/script"
)

// Reply is the answer to a line.
type Reply struct {
	Text   string      // for people, in lines of at most 80 columns, without the final newline
	Status *StatusJSON // of the line "status"; else nil
	Told   bool        // the same as Narrate reports it to its listener
}

// shellWord is what the prompt takes besides statements.
type shellWord struct {
	name, args, about string
	do                func(b *Sandbox, ctx context.Context, arg string) (Reply, error)
}

var shellWords []shellWord

// init, because help lists the words.
func init() {
	shellWords = []shellWord{
		{"help", "[STATEMENT]", "lists the statements, or explains one", (*Sandbox).help},
		{"status", "", "shows the members and the active faults", (*Sandbox).status},
		{"history", "", "shows the script so far", (*Sandbox).history},
		{"wait", "TIME | leader [for TIME]", "waits for some time, or for a leader, and fails if there is none after " +
			"the time given, by default the longer of 30s and 20 election timeouts", (*Sandbox).wait},
		{"page", "", "shows the address of a page with this cluster, for a browser on this machine", (*Sandbox).page},
		{"quit", "", "ends the sandbox and writes the report", (*Sandbox).quit},
	}
}

// LineWord is a word that a line can begin with beside statements, and what it is for.
type LineWord struct{ Name, About string }

// Words lists them.
func Words() []LineWord {
	ws := make([]LineWord, len(shellWords))
	for i, w := range shellWords {
		ws[i] = LineWord{w.name, w.about}
	}
	return ws
}

// Do does what one line says, and waits, if it is to, until what a statement began is
// done. Several goroutines may call it: each statement is carried out by itself. It ends
// early, with context.Canceled, when the sandbox is left. Errors: a run.InputError where the
// line is to blame and nothing was done, another where the cluster could not do it, ctx's.
func (b *Sandbox) Do(ctx context.Context, line string, wait bool) (Reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(b.left, cancel)
	defer stop()
	line = strings.TrimSpace(line)
	word, arg, _ := strings.Cut(line, " ")
	for _, w := range shellWords {
		if w.name == word {
			return w.do(b, ctx, strings.TrimSpace(arg))
		}
	}
	if line == "" || strings.HasPrefix(line, "#") {
		return Reply{}, nil
	}
	if script.VerbNamed(word) == nil {
		return Reply{}, run.BadInput("", "unknown statement %q%s; help lists the statements", word,
			text.DidYouMean(word, b.firstWords()))
	}
	return b.statement(ctx, line, wait)
}

// memberNames lists the members of the cluster by name.
func (b *Sandbox) memberNames() (names []string) {
	for _, m := range b.live.Scenario().Members() {
		names = append(names, m.Name)
	}
	return names
}

// firstWords lists what a line can begin with.
func (b *Sandbox) firstWords() []string {
	list := b.verbNames()
	for _, w := range shellWords {
		list = append(list, w.name)
	}
	slices.Sort(list)
	return list
}

// Verbs lists the statements that the cluster can do.
func (b *Sandbox) Verbs() (vs []*script.Verb) {
	for _, v := range script.Verbs() {
		if b.engine.Lacks(&b.config.Scenario.Cluster, v) == "" {
			vs = append(vs, v)
		}
	}
	return vs
}

// verbNames lists them by name.
func (b *Sandbox) verbNames() (names []string) {
	for _, v := range b.Verbs() {
		names = append(names, v.Name)
	}
	return names
}

// statement carries one out.
func (b *Sandbox) statement(ctx context.Context, line string, wait bool) (Reply, error) {
	st, err := script.ParseLine(line)
	if err != nil {
		return Reply{}, &run.InputError{Err: err}
	}
	within, cancel := context.WithTimeout(ctx, b.patience())
	defer cancel()
	before := b.teller.processes()
	e, err := b.live.Begin(within, st)
	effect := ""
	if err == nil {
		effect, err = e.Text, e.Err
	}
	if err == nil && wait {
		err = b.waitDone(ctx, e, donePatience)
	}
	var bad *etcdsim.BadStatement
	switch {
	case errors.As(err, &bad):
		return Reply{}, &run.InputError{Err: err}
	case effect != "" && notDone(err):
		said := sim.NotDoneEvent(effect, err)
		return Reply{Told: true}, errors.New(script.TellNotDone(&said, b.memberName))
	case errors.Is(err, script.ErrNoLeader):
		return Reply{Told: true}, fmt.Errorf("%w, and there was still none %s later",
			script.ErrNoLeader, sim.RoundedTime(b.patience()))
	case err != nil:
		return Reply{Told: true}, err
	case !wait && later(effect):
		return Reply{Text: fmt.Sprintf("%q was asked for.", effect), Told: true}, nil
	}
	return Reply{Text: text.Capitalized(b.teller.began(effect, before), b.memberNames()...) + ".", Told: true}, nil
}

// donePatience is how long a line waits until what a statement began is done. A change of the membership
// that etcd refuses is asked for again and again; all that can be done about it is another line.
const donePatience = 2 * time.Minute

// waitDone waits until what a statement began is done. What takes too long goes on.
func (b *Sandbox) waitDone(ctx context.Context, e *etcdsim.Errand, most time.Duration) error {
	within, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	err := b.live.Wait(within, e)
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return err
	}
	s, err := b.live.Status(ctx)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: not done after %s, and it goes on: %s", e.Text, sim.FormatDuration(most), b.states(s))
}

// notDone reports whether an error says what became of a statement.
func notDone(err error) bool {
	var told *sim.NotDoneError
	return errors.As(err, &told)
}

// patience is how long a statement waits for the leader that it names: some
// elections long.
func (b *Sandbox) patience() time.Duration {
	return max(2*time.Second, 5*b.config.Scenario.Cluster.Election.Hi)
}

// help lists the statements, or explains one.
func (b *Sandbox) help(_ context.Context, arg string) (Reply, error) {
	var out strings.Builder
	for _, w := range shellWords {
		if w.name == arg {
			text.Hanging(&out, "  "+strings.TrimSpace(w.name+" "+w.args)+"  ", w.about)
			return Reply{Text: strings.TrimRight(out.String(), "\n")}, nil
		}
	}
	if arg != "" {
		v := script.VerbNamed(arg)
		if v == nil {
			return Reply{}, run.BadInput("", "unknown statement %q%s; help lists the statements", arg,
				text.DidYouMean(arg, b.firstWords()))
		}
		b.helpVerb(&out, v)
		return Reply{Text: strings.TrimRight(out.String(), "\n")}, nil
	}
	for _, name := range b.verbNames() {
		text.Hanging(&out, fmt.Sprintf("  %-17s ", name), script.VerbNamed(name).About)
	}
	out.WriteString("\n")
	for _, w := range shellWords {
		text.Hanging(&out, fmt.Sprintf("  %-17s ", w.name), w.about)
	}
	out.WriteString("\nhelp STATEMENT shows its syntax. A lasting fault can be given a time: crash n1 for 10s")
	return Reply{Text: out.String()}, nil
}

func (b *Sandbox) helpVerb(out *strings.Builder, v *script.Verb) {
	text.Hanging(out, "  "+v.Usage()+"  ", v.About)
	text.Hanging(out, "  for example: ", v.Example)
	if v.Lasts {
		text.Hanging(out, "  for a while: ", v.Example+" for 10s")
	}
	if hasMembers(v) {
		text.Hanging(out, "  members are: ", sim.SelectorHelp)
	}
	if why := b.engine.Lacks(&b.config.Scenario.Cluster, v); why != "" {
		text.Hanging(out, "  not possible here: ", why)
	}
}

// hasMembers reports whether a verb's arguments name members.
func hasMembers(v *script.Verb) bool {
	return slices.ContainsFunc(v.Args, func(a *script.Arg) bool { return a.Members })
}

// history is the script so far.
func (b *Sandbox) history(_ context.Context, arg string) (Reply, error) {
	if arg != "" {
		return Reply{}, run.BadInput("", "history takes no argument, but got %q", arg)
	}
	var lines []string
	for _, st := range b.live.Scenario().Steps {
		lines = append(lines, fmt.Sprintf("%8s  %s", sim.RoundedTime(st.At), script.FormatLine(st)))
	}
	if len(lines) == 0 {
		return Reply{Text: "  nothing yet"}, nil
	}
	return Reply{Text: strings.Join(lines, "\n")}, nil
}

// waitLook is how often wait checks whether there is a leader.
const waitLook = 10 * time.Millisecond

// wait waits for a time, or until most members know the same leader.
func (b *Sandbox) wait(ctx context.Context, arg string) (Reply, error) {
	if arg == "leader" {
		return Reply{}, b.waitLeader(ctx, b.leaderPatience())
	}
	length, leader := strings.CutPrefix(strings.Join(strings.Fields(arg), " "), "leader for ")
	d, err := sim.ParseDuration(length)
	switch {
	case err != nil:
		return Reply{}, run.BadInput("", `wait takes a time like "10s", "leader", or "leader for 10s", not %q`, arg)
	case leader && d == 0:
		return Reply{}, run.BadInput("", "wait leader must wait longer than 0")
	case leader:
		return Reply{}, b.waitLeader(ctx, d)
	}
	return Reply{}, pass(ctx, d)
}

// leaderPatience is how long the line "wait leader" waits if it does not say so itself.
func (b *Sandbox) leaderPatience() time.Duration {
	return max(30*time.Second, 20*b.config.Scenario.Cluster.Election.Hi)
}

// waitLeader waits for a leader. The error says how the members are after all that time.
func (b *Sandbox) waitLeader(ctx context.Context, most time.Duration) error {
	end := time.Now().Add(most)
	for {
		s, err := b.live.Status(ctx)
		switch {
		case err != nil || leaderOf(s) != "":
			return err
		case !time.Now().Before(end):
			return fmt.Errorf("no leader after %s: %s", sim.FormatDuration(most), b.states(s))
		}
		if err := pass(ctx, waitLook); err != nil {
			return err
		}
	}
}

// states says how the members are.
func (b *Sandbox) states(s etcdsim.LiveStatus) string {
	list := make([]string, len(s.Members))
	for i, m := range s.Members {
		list[i] = m.Name + " is " + state(m)
		if !m.Up || m.Role == sim.RoleNone {
			continue
		}
		list[i] += fmt.Sprintf(" in term %d", m.Term)
		if m.Leader != m.ID {
			list[i] += " and knows " + b.leaderName(m.Leader)
		}
	}
	return strings.Join(list, "; ")
}

func (b *Sandbox) leaderName(id sim.MemberID) string {
	if id == 0 {
		return "no leader"
	}
	return b.memberName(id) + " as the leader"
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

// page answers with the page's address.
func (b *Sandbox) page(_ context.Context, arg string) (Reply, error) {
	switch {
	case arg != "":
		return Reply{}, run.BadInput("", "page takes no argument, but got %q", arg)
	case b.config.Page == nil:
		return Reply{}, errors.New("this sandbox has no page")
	}
	address, err := b.config.Page()
	if err != nil {
		return Reply{}, err
	}
	return Reply{Text: address}, nil
}

func (b *Sandbox) quit(_ context.Context, arg string) (Reply, error) {
	if arg != "" {
		return Reply{}, run.BadInput("", "quit takes no argument, but got %q", arg)
	}
	b.Leave()
	return Reply{Text: b.config.Name + " was asked to end"}, nil
}
