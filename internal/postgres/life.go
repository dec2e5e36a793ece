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
	gone chan struct{} // closed when its processes have ended
}

// StopMode is how a server is stopped.
type StopMode int

const (
	// Fast ends sessions and writes a checkpoint.
	Fast StopMode = iota
	// Immediate ends without a checkpoint, so that the next start recovers.
	Immediate
	// Kill kills all processes (SIGKILL), as a crash of the machine does, but what they wrote is not lost.
	Kill
)

// Start starts the server and returns when it takes connections that may write. For a standby
// (standby.signal) it is when it can be read, and for a recovery that is to pause at its target, when it has
// paused.
//
// The error has the reason that PostgreSQL logged. When ctx ends first the error wraps ctx's, and the
// server is stopped. A server that is ready lives on after ctx.
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
		return fmt.Errorf("start server %s: %w; the last that it said: %s", s.name, ctx.Err(), l.book.reason())
	}
}

// launch begins a run.
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

// begin starts the first process, which starts the others; done is called when they have ended.
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
	l := &life{cmd: exec.Command(path, s.arguments()...), book: newLogbook(file, noStandby == nil), gone: make(chan struct{})}
	l.cmd.Dir, l.cmd.Env = s.dir, s.home.environment()
	l.cmd.Stdout, l.cmd.Stderr = l.book, l.book
	l.cmd.WaitDelay = linger
	if err := prepare(l.cmd, s.home.account, signalImmediate); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the system tells the server when this thread ends
		defer runtime.UnlockOSThread()
		err := l.cmd.Start()
		started <- err
		if err == nil {
			s.outlast(l, done)
		}
		_ = file.Close() // a log that lacks something is no failure
	}()
	return l, <-started
}

// outlast waits for the end of a run. The log is at its end when no process of the server is left to
// write it.
func (s *Server) outlast(l *life, done func()) {
	pid := l.cmd.Process.Pid
	s.home.guard.Quit(pid)
	_ = l.cmd.Wait() // its state says how it ended
	s.home.guard.Gone(pid)
	freeMemory(filepath.Join(s.data, pidFile), pid)
	close(l.gone)
	done()
}

// runs tells whether the run is not over.
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

// endPatience is how long a server may take to end at once: it gives its processes five seconds.
const endPatience = 15 * time.Second

// end stops a server at once and waits until it is gone.
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

// discard ends a server whose home is closed.
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

// Stop stops the server and returns when its processes have ended; one that does not run is stopped.
// When ctx ends first, the server is stopped as by Immediate and the error wraps ctx's.
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

// Running tells whether the server has processes.
func (s *Server) Running() bool { return s.current().runs() }

// PID is the server's first process; 0 when it does not run.
func (s *Server) PID() int {
	l := s.current()
	if !l.runs() {
		return 0
	}
	return l.cmd.Process.Pid
}

// Done is closed when the present run has ended, whatever the reason.
func (s *Server) Done() <-chan struct{} {
	if l := s.current(); l != nil {
		return l.gone
	}
	never := make(chan struct{})
	close(never)
	return never
}

// Log is what the server said last in its present or last run, some hundred lines. It can be read
// after the home is closed, unlike LogFile.
func (s *Server) Log() string {
	if l := s.current(); l != nil {
		return l.book.text()
	}
	return ""
}

// LogFile is the file of all that it said, in all of its runs.
func (s *Server) LogFile() string { return filepath.Join(s.dir, "log") }
