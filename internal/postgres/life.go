package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// life is one run of a server.
type life struct {
	cmd  *exec.Cmd
	book *logbook
	gone chan struct{} // closed when all its processes have ended
}

// StopMode is how a server is stopped.
type StopMode int

const (
	// Fast ends all sessions and writes a checkpoint.
	Fast StopMode = iota
	// Immediate writes no checkpoint, so that the next start has to recover.
	Immediate
	// Kill kills all processes (SIGKILL). Unlike in a crash of the machine, no file loses what was written to it.
	Kill
)

// Start starts the server and returns when it accepts writes; or when it accepts reads, if it is a standby
// (standby.signal); or when its recovery has paused at its target.
//
// The error has the reason that PostgreSQL logged. If ctx ends first, the server is stopped and the error wraps
// ctx's. Once Start has returned, the end of ctx does not matter.
func (s *Server) Start(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := s.launch()
	if err != nil {
		return fmt.Errorf("start server %s: %w", s.name, err)
	}
	select {
	case <-l.book.ready:
		return nil
	case <-l.gone:
		return fmt.Errorf("server %s did not start (%s): %s", s.name, l.cmd.ProcessState, l.book.reason())
	case <-ctx.Done():
		l.end()
		return fmt.Errorf("start server %s: %w; its log ended with: %s", s.name, ctx.Err(), l.book.reason())
	}
}

// launch starts a run, unless there is one.
func (s *Server) launch() (*life, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.runs() {
		return nil, errors.New("it runs already")
	}
	done, err := s.home.busy()
	if err != nil {
		return nil, err
	}
	l, err := s.begin(done)
	if err != nil {
		done()
		return nil, err
	}
	s.life = l
	return l, nil
}

// begin starts the postmaster, which starts the other processes. done is called when all have ended.
func (s *Server) begin(done func()) (*life, error) {
	if err := s.writeSettings(); err != nil {
		return nil, err
	}
	path, err := s.home.programs.Path("postgres")
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(s.LogFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	_, noStandby := os.Stat(filepath.Join(s.data, "standby.signal"))
	l := &life{cmd: exec.Command(path, s.arguments()...), gone: make(chan struct{})}
	l.book = newLogbook(file, noStandby == nil)
	l.cmd.Dir, l.cmd.Env = s.dir, s.home.environment()
	l.cmd.Stdout, l.cmd.Stderr = l.book, l.book
	l.cmd.WaitDelay = linger
	if err := prepare(l.cmd, s.home.account, signalImmediate); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Linux sends the signal of prepare when this thread ends
		defer runtime.UnlockOSThread()
		err := l.cmd.Start()
		started <- err
		if err == nil {
			s.outlast(l, done)
		}
		_ = file.Close() // an incomplete log is not a failure
	}()
	return l, <-started
}

// outlast waits for the end of a run, which is when no process of the server holds its log any more.
func (s *Server) outlast(l *life, done func()) {
	pid := l.cmd.Process.Pid
	s.home.guard.Quit(pid)
	_ = l.cmd.Wait() // ProcessState has the result
	s.home.guard.Gone(pid)
	freeMemory(filepath.Join(s.data, pidFile), pid)
	close(l.gone)
	done()
}

// runs reports whether the run goes on.
func (l *life) runs() bool {
	if l == nil {
		return false
	}
	select {
	case <-l.gone:
		return false
	default:
		return true
	}
}

// endPatience is how long an immediate end may take. PostgreSQL kills its own processes after five seconds.
const endPatience = 15 * time.Second

// end stops the server at once and waits until it has ended.
func (l *life) end() {
	_ = l.cmd.Process.Signal(signalImmediate) // it may be gone
	late := time.NewTimer(endPatience)
	defer late.Stop()
	select {
	case <-l.gone:
	case <-late.C:
		_ = killAll(l.cmd.Process)
		<-l.gone
	}
}

// discard ends the server when its home is closed.
func (s *Server) discard() {
	if l := s.current(); l.runs() {
		l.end()
	}
}

func (s *Server) current() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// Stop stops the server and returns when all its processes have ended. It does nothing if the server does not
// run. If ctx ends first, the server is stopped as with Immediate and the error wraps ctx's.
func (s *Server) Stop(ctx context.Context, m StopMode) error {
	l := s.current()
	if !l.runs() {
		return nil
	}
	var err error
	switch m {
	case Kill:
		err = killAll(l.cmd.Process)
	case Immediate:
		err = l.cmd.Process.Signal(signalImmediate)
	default:
		err = l.cmd.Process.Signal(signalFast)
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop server %s: %w", s.name, err)
	}
	select {
	case <-l.gone:
		return nil
	case <-ctx.Done():
		l.end()
		return fmt.Errorf("stop server %s: %w", s.name, ctx.Err())
	}
}

// Restart stops the server (Fast) and starts it again. Errors are those of Stop and Start.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(ctx, Fast); err != nil {
		return err
	}
	return s.Start(ctx)
}

// Running reports whether the server has processes.
func (s *Server) Running() bool { return s.current().runs() }

// PID is the process ID of the postmaster; 0 if the server does not run.
func (s *Server) PID() int {
	l := s.current()
	if !l.runs() {
		return 0
	}
	return l.cmd.Process.Pid
}

// Done is closed when the current run has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} {
	if l := s.current(); l != nil {
		return l.gone
	}
	never := make(chan struct{})
	close(never)
	return never
}

// Log has the last few hundred lines of the log of the current or last run. Unlike LogFile it is still there
// after the home is closed.
func (s *Server) Log() string {
	if l := s.current(); l != nil {
		return l.book.text()
	}
	return ""
}

// LogFile is the file with the whole log of all runs.
func (s *Server) LogFile() string { return filepath.Join(s.dir, "log") }
