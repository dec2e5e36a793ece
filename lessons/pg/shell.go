package pg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
)

// Shell carries out command lines as they are typed at a terminal, in a folder of the home, with PGHOST and the
// like set for the server. It keeps what it was told for a table.
type Shell struct {
	Server *postgres.Server
	Dir    string // the working folder
	typed  []Typed
}

// Typed is a command that was carried out.
type Typed struct {
	Line string
	postgres.Output
	Took time.Duration
}

// NewShell makes a folder in the home, and a shell that works in it.
func NewShell(h *postgres.Home, s *postgres.Server, folder string) (*Shell, error) {
	dir, err := h.Folder(folder)
	if err != nil {
		return nil, err
	}
	return &Shell{Server: s, Dir: dir}, nil
}

// Type carries out a command line with /bin/sh. An exit code other than 0 is not an error.
func (s *Shell) Type(ctx context.Context, line string) (Typed, error) {
	return s.TypeTo(ctx, line, nil)
}

// TypeTo is Type with an output of its own; nil: Output.Out.
func (s *Shell) TypeTo(ctx context.Context, line string, out io.Writer) (Typed, error) {
	began := time.Now()
	o, err := s.Server.Run(ctx, postgres.Call{Program: "/bin/sh", Args: []string{"-c", line}, Dir: s.Dir, Out: out})
	t := Typed{line, o, time.Since(began)}
	if err == nil {
		s.typed = append(s.typed, t)
	}
	return t, err
}

// Must is Type for a command that has to succeed: another exit code is an error.
func (s *Shell) Must(ctx context.Context, line string) (Typed, error) {
	t, err := s.Type(ctx, line)
	if err == nil && t.Code != 0 {
		err = fmt.Errorf("%s: exit code %d: %s", line, t.Code, t.Says())
	}
	return t, err
}

// All carries out lines with Must.
func (s *Shell) All(ctx context.Context, lines ...string) error {
	for _, l := range lines {
		if _, err := s.Must(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// Path is the path of a file in the working folder.
func (s *Shell) Path(file string) string { return filepath.Join(s.Dir, file) }

// Size is the size of a file in the working folder, or of all files of a folder, in bytes.
func (s *Shell) Size(name string) (int64, error) {
	var size int64
	err := filepath.WalkDir(s.Path(name), func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// Errors is how many errors the programs have reported.
func (t Typed) Errors() int {
	n := 0
	for line := range strings.Lines(t.Err) {
		if strings.Contains(line, "error: ") && !strings.Contains(line, "errors ignored") ||
			strings.Contains(line, "ERROR: ") && !strings.Contains(line, "error: ") {
			n++
		}
	}
	return n
}

// Says is the first error that the program reported, or else the last line that it wrote to stderr, without
// the names of programs and files.
func (t Typed) Says() string {
	lines := strings.Split(strings.TrimSpace(t.Err), "\n")
	said := lines[len(lines)-1]
	for _, l := range lines {
		if strings.Contains(l, "error: ") || strings.Contains(l, "ERROR: ") || strings.Contains(l, "FATAL: ") {
			said = l
			break
		}
	}
	for _, mark := range []string{"ERROR:  ", "FATAL:  ", "error: "} {
		if _, after, ok := strings.Cut(said, mark); ok {
			return after
		}
	}
	return said
}

// Table lists the commands that were typed, with their exit codes and what they said.
func (s *Shell) Table() lessons.Table {
	t := lessons.Table{Name: "commands", Title: "What was typed, and what it came to",
		Head: []string{"command", "exit code", "says"}}
	for _, c := range s.typed {
		says := strings.ReplaceAll(c.Says(), s.Dir+string(filepath.Separator), "")
		t.Rows = append(t.Rows, []string{c.Line, fmt.Sprint(c.Code), says})
	}
	return t
}

// commandTime is how long a command of an answer may take.
const commandTime = time.Minute

// Carry carries out a command line of an answer, without a shell. A command that takes too long has been
// killed: its exit code is -1, and it says so.
func (s *Shell) Carry(ctx context.Context, c *CommandLine) (t Typed, err error) {
	call := postgres.Call{Program: c.Program, Args: c.Args, Dir: s.Dir}
	if c.In != "" {
		f, err := os.Open(s.Path(c.In))
		if err != nil {
			return s.refused(c, err), nil
		}
		defer f.Close()
		call.In = f
	}
	if c.Out != "" {
		f, err := os.Create(s.Path(c.Out))
		if err != nil {
			return s.refused(c, err), nil
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if err := f.Chmod(0o666); err != nil { // a later program may write it, as another user
			return t, err
		}
		call.Out = f
	}
	try, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	o, err := s.Server.Run(try, call)
	switch {
	case ctx.Err() != nil:
		return t, ctx.Err()
	case try.Err() != nil:
		o.Code, o.Err = -1, "it took too long"
	case err != nil:
		return t, err
	}
	t = Typed{Line: c.Text, Output: o}
	s.typed = append(s.typed, t)
	return t, nil
}

// refused is a command whose file can't be opened, as a shell would say it.
func (s *Shell) refused(c *CommandLine, err error) Typed {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	t := Typed{Line: c.Text, Output: postgres.Output{Program: c.Program, Code: 1, Err: err.Error()}}
	s.typed = append(s.typed, t)
	return t
}

// Did is what was typed in a sentence: each command with what came of it.
func (s *Shell) Did() string {
	var all []string
	for _, c := range s.typed {
		came := "done"
		if c.Code != 0 {
			came = fmt.Sprintf("exit code %d, %s", c.Code, c.Says())
		} else if n := c.Errors(); n > 0 {
			came = fmt.Sprintf("exit code 0, but %d errors, the first: %s", n, c.Says())
		}
		all = append(all, c.Line+": "+strings.ReplaceAll(came, s.Dir+string(filepath.Separator), ""))
	}
	if len(all) == 0 {
		return "nothing was done"
	}
	return strings.Join(all, "; ")
}
