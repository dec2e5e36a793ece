// Package memberlog is the logger of one embedded etcd member: it writes etcd's log to a file as
// JSON lines, extracts facts that etcd reports nowhere else (each role, term and vote at the
// moment it changes), and catches the calls by which etcd would end the process.
package memberlog

import (
	"io"
	"os"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Death is an unrecoverable error of a member: etcd called Fatal or Panic.
type Death struct {
	Message string // etcd's words, with the error after a colon
	Panic   bool   // the caller relies on not getting control back
}

// Options of a Log. Tell and Died are called on etcd's own goroutines.
type Options struct {
	// File is created, or appended to. Empty: the log itself is kept nowhere.
	File string
	// Tell gets each fact; may be nil. It must not block.
	Tell func(LogFact)
	// Died is called instead of ending the process. When it returns, etcd goes on as if the failed
	// operation had worked, so by then the member must not reach anybody. nil: etcd just goes on.
	Died func(Death)
}

// Log is the logger of one member, for one life of it.
type Log struct {
	*zap.Logger
	file *safeFile
}

// Open makes a logger. The error is that of opening the file.
func Open(o Options) (*Log, error) {
	file := &safeFile{closed: true}
	c := core{tell: o.Tell, Core: silent{zapcore.NewNopCore()}}
	if o.File != "" {
		f, err := os.OpenFile(o.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		file = &safeFile{f: f}
		c.Core = zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), file, zap.InfoLevel)
	}
	h := hook{o.Died}
	lg := zap.New(c, zap.WithFatalHook(h), zap.WithPanicHook(h), zap.ErrorOutput(zapcore.AddSync(io.Discard)))
	return &Log{Logger: lg, file: file}, nil
}

// Close closes the file. What is logged later is lost; etcd has goroutines that outlive their
// member for a moment.
func (l *Log) Close() error { return l.file.Close() }

// core reads what passes on its way to the file.
type core struct {
	zapcore.Core
	tell func(LogFact)
}

func (c core) With(fields []zapcore.Field) zapcore.Core {
	return core{c.Core.With(fields), c.tell}
}

func (c core) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return ce.AddCore(e, c)
	}
	return ce
}

func (c core) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if c.tell != nil {
		if f, ok := parse(e.Message, fields); ok {
			c.tell(f)
		}
	}
	return c.Core.Write(e, fields)
}

// silent lets everything pass that a file would get, to nowhere.
type silent struct{ zapcore.Core }

func (s silent) Enabled(l zapcore.Level) bool      { return zap.InfoLevel.Enabled(l) }
func (s silent) With([]zapcore.Field) zapcore.Core { return s }

// hook takes the place of os.Exit and panic in the logger.
type hook struct{ died func(Death) }

func (h hook) OnWrite(e *zapcore.CheckedEntry, fields []zapcore.Field) {
	if h.died == nil {
		return
	}
	d := Death{Message: e.Message, Panic: e.Level == zapcore.PanicLevel}
	for _, f := range fields {
		if err, ok := f.Interface.(error); ok && f.Type == zapcore.ErrorType {
			d.Message += ": " + err.Error()
		}
	}
	h.died(d)
}

// safeFile may be written after it was closed.
type safeFile struct {
	mu     sync.Mutex
	f      *os.File
	closed bool
}

func (s *safeFile) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return len(b), nil
	}
	return s.f.Write(b)
}

// Sync does nothing: the log is for people, and etcd's disk is under test.
func (s *safeFile) Sync() error { return nil }

func (s *safeFile) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.f.Close()
}
