package main

// All rules for text that people read in a terminal, and what keeps them. A subcommand
// supplies its text; the layout is here, that of bars in progress.go and that of lessons
// in markdown.go.
//
//   - Results go to standard output and nothing else does: with --json, and where a file
//     is written to it, it is for programs. What goes on meanwhile, errors and hints go to
//     standard error.
//   - The layout of results depends on no terminal: they are piped, compared and pasted.
//     A line has 80 columns at most, but never breaks a path, an address or a command,
//     which can be copied. Only what is gone in the end, bars and the prompt, asks how
//     wide a terminal is.
//   - A text that may be long hangs behind its label (hanging): its further lines are
//     indented as far.
//   - A table has names on the left and numbers on the right of their columns, and a dash
//     for what has no value. Nothing of it is cut: where the line has no room, cells are
//     wrapped, and at last each row is a block of lines (printTable). An order that means
//     something is kept; a mark (>, *, !) stands in a column of its own and is explained.
//   - What comes from elsewhere is shown, never obeyed: a control character of a title, a key or an error is spelled
//     out (display).
//   - Escape sequences go to a terminal alone (isTerminal, raw): bold, underline and one
//     colour that can be read on light and on dark, in lessons; a line that replaces the
//     one before, in progress. No terminal is asked anything: not all answer.
//   - Progress shows nothing in the first second, then a bar on a terminal and elsewhere a
//     line every ten seconds; of the bar nothing is left.
//   - A time is rounded to what one can read (seconds: 1.25s, 40.1ms), a size so too
//     (sim.Size.Rounded); a share is in per cent; a count comes with its noun (counted: 1
//     run, 3 runs). Programs get milliseconds, bytes and shares of one, unrounded.
//   - What was judged is ok, FAILED or unknown (mark): capitals are found in a long log,
//     and by those who see no colours.
//   - An error is one line (printError): "quorumlab: ", where (FILE:LINE:COLUMN or
//     --flag), what, without a full stop. Of bad input a second line says what is right,
//     or that nothing was started. The exit code says the same: see command.go.

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/run"
)

// streams is where a command reads and writes: results to out, progress and
// errors to err.
type streams struct {
	in       io.Reader // nil: there is none
	out, err io.Writer
	keys     *os.File // in, if it and out are a terminal at which somebody types; else nil
	// width is the terminal's, for progress bars on err; 0: err is no terminal.
	width int
}

// terminal is the program's own streams.
func terminal() streams {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if isTerminal(os.Stdin) && isTerminal(os.Stdout) && os.Getenv("TERM") != "dumb" {
		s.keys = os.Stdin
	}
	if fd := int(os.Stderr.Fd()); term.IsTerminal(fd) {
		s.width = columns
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			s.width = w
		}
	}
	return s
}

// reliable is a writer that remembers its first error: much is printed in small pieces, and nothing of it may
// get lost without a word, whatever looks at the errors of each.
type reliable struct {
	to     io.Writer
	failed error
}

// Write passes on what it gets. After an error nothing more is written.
func (r *reliable) Write(b []byte) (n int, err error) {
	if r.failed == nil {
		n, r.failed = r.to.Write(b)
	}
	return n, r.failed
}

// Fd is that of the file behind it; of other writers it is one that no file has.
func (r *reliable) Fd() uintptr {
	if f, ok := r.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// display is standard output or standard error: nothing that a scenario, a trace or a file has in it commands the
// terminal (text.Shown). What the program itself draws goes past it, by raw.
type display struct {
	to io.Writer
	mu sync.Mutex
}

func newDisplay(to io.Writer) *display { return &display{to: to} }

// Write shows whole texts, as all are: a character in two pieces would be spelled out.
func (d *display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := io.WriteString(d.to, text.Shown(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Fd is that of the file behind it; of other writers it is one that no file has.
func (d *display) Fd() uintptr {
	if f, ok := d.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// raw is what is behind a display, for escape sequences of the program's own.
func raw(w io.Writer) io.Writer {
	if s, ok := w.(*display); ok {
		return s.to
	}
	return w
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns is the width for which results are laid out.
const columns = text.Columns

// clearLine goes back to the start of a terminal's line and clears it.
const clearLine = "\r\x1b[K"

// hanging writes a text after a label, with its other lines indented to match.
func hanging(w io.Writer, label, words string) { text.Hanging(w, label, words) }

// counted is a count with its noun: "1 run", "3 runs".
func counted(n int, noun string) string { return text.Counted(n, noun) }

// printTable lays rows out in columns, the first row being their heads.
func printTable(w io.Writer, rows [][]string) { text.Table(w, "  ", rows) }

// mark is a judgement in a word.
func mark(ok bool) string {
	if ok {
		return "ok"
	}
	return "FAILED"
}

// verdictMark is a verdict in a word.
func verdictMark(v sim.Verdict) string {
	if v.Unknown {
		return "unknown"
	}
	return mark(v.OK)
}

// printError says what went wrong and, if known, what helps.
func printError(w io.Writer, what, hint string) {
	fmt.Fprintln(w, "quorumlab:", what)
	if hint != "" {
		fmt.Fprintln(w, hint)
	}
}

// printIndented prints JSON that people can read too.
func printIndented(w io.Writer, v any) error {
	b, err := run.Indented(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
