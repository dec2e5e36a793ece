package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Call is a call of a program.
type Call struct {
	Program string // the name of one of PostgreSQL's programs, or the full path of any other
	Args    []string
	In      io.Reader // nil: nothing
	Out     io.Writer // nil: Output.Out
	Env     []string  // NAME=VALUE, added to the environment of the home and the server
	Dir     string    // the working folder; empty: the home
}

// Program is the call of one of PostgreSQL's programs.
func Program(name string, args ...string) Call { return Call{Program: name, Args: args} }

// Output is the result of a program that ended by itself.
type Output struct {
	Program  string // its name, without the folder
	Out, Err string // what it wrote
	Code     int    // its exit code
}

// Failed is nil if the exit code is 0, and otherwise an error with the last line that the program wrote to stderr.
func (o Output) Failed() error {
	if o.Code == 0 {
		return nil
	}
	said := strings.Split(strings.TrimSpace(o.Err), "\n")
	return fmt.Errorf("%s ended with exit code %d: %s", o.Program, o.Code, said[len(said)-1])
}

// Run runs a program and waits for its end. It runs as the home's user, in a clean environment: without the
// PG* variables, password file and service file of the user who runs this program. If ctx ends, the program
// is killed with all its children. The error is ctx's, or that the program could not be started or was
// killed; an exit code other than 0 is not an error.
func (h *Home) Run(ctx context.Context, c Call) (Output, error) { return h.run(ctx, c, nil) }

// Run is Home.Run for a program that connects to the server by default: as superuser postgres, to the
// database postgres. PGDATABASE and PGUSER in Call.Env change that.
func (s *Server) Run(ctx context.Context, c Call) (Output, error) {
	return s.home.run(ctx, c, []string{"PGHOST=" + s.socket, "PGPORT=" + port, "PGUSER=" + superuser,
		"PGDATABASE=" + superuser, "PGDATA=" + s.data})
}

// linger is how long to wait, after the end of a program, for children that still hold its output.
const linger = 10 * time.Second

func (h *Home) run(ctx context.Context, c Call, env []string) (Output, error) {
	o := Output{Program: filepath.Base(c.Program)}
	done, err := h.busy()
	if err != nil {
		return o, err
	}
	defer done()
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.open, cancel)()
	cmd, err := h.command(running, c, env)
	if err != nil {
		return o, err
	}
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.In, c.Out, &said
	if c.Out == nil {
		cmd.Stdout = &out
	}
	err = h.finish(cmd)
	o.Out, o.Err, o.Code = out.String(), said.String(), cmd.ProcessState.ExitCode()
	switch {
	case err == nil:
		return o, nil
	case ctx.Err() != nil:
		return o, fmt.Errorf("%s: %w", o.Program, ctx.Err())
	case h.open.Err() != nil:
		return o, fmt.Errorf("%s: %w", o.Program, errClosed)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && o.Code > 0 {
		return o, nil
	}
	return o, fmt.Errorf("%s: %w", o.Program, err)
}

// finish starts a program and waits for its end. It keeps its thread meanwhile, because Linux kills the program when
// the thread that started it ends.
func (h *Home) finish(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	h.guard.Group(cmd.Process.Pid)
	defer h.guard.Gone(cmd.Process.Pid)
	return cmd.Wait()
}

// command prepares a program.
func (h *Home) command(ctx context.Context, c Call, env []string) (*exec.Cmd, error) {
	path := c.Program
	if !filepath.IsAbs(path) {
		var err error
		if path, err = h.programs.Path(path); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, path, c.Args...)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = linger
	cmd.Dir = h.dir
	if c.Dir != "" {
		cmd.Dir = c.Dir
	}
	cmd.Env = append(append(h.environment(), env...), c.Env...)
	return cmd, prepare(cmd, h.account, syscall.SIGKILL)
}

// environment is the environment of servers and programs. $PATH is all that it takes over. The home is
// also HOME, so that no personal files are found.
func (h *Home) environment() []string {
	return []string{
		"PATH=" + h.programs.Dir + string(os.PathListSeparator) + os.Getenv("PATH"),
		"LC_ALL=C", "TZ=UTC", "PGCLIENTENCODING=UTF8",
		"HOME=" + h.dir, "TMPDIR=" + h.dir, "PGSYSCONFDIR=" + h.dir,
	}
}
