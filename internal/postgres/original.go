package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

// Original is the data of a server that are made once in a process: servers that begin as a copy of it take a
// fraction of the time of initdb and of whatever fills them. Its methods are safe for concurrent use.
//
// The copies have the original's system identifier, so that one of them would replay the WAL of another.
type Original struct {
	settings map[string]string
	fill     func(ctx context.Context, s *Server) error
	initdb   []string

	mu   sync.Mutex
	made map[surroundings]*Home // with one server, which does not run; open until this process ends
}

// surroundings are what an original and its copies share.
type surroundings struct{ programs, parent, user string }

// NewOriginal describes an original: initdb's arguments as in Create, settings of the server and of all copies, and
// what fills it while it runs, or nil. It is made when the first copy is.
func NewOriginal(settings map[string]string, fill func(ctx context.Context, s *Server) error,
	initdb ...string) *Original {
	return &Original{settings: settings, fill: fill, initdb: initdb, made: map[surroundings]*Home{}}
}

// master is the original's only server.
const master = "original"

// CreateFrom makes a server whose data are a copy of an original. The server has the original's settings, and is not
// started. Errors: those of Create, of making the original, and of the copy; nothing is left then.
func (h *Home) CreateFrom(ctx context.Context, name string, o *Original) (*Server, error) {
	data, err := o.data(ctx, h)
	if err != nil {
		return nil, err
	}
	s, err := h.add(name)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(h.duplicate(ctx, data, s.data), s.setAll(o.settings)); err != nil {
		return nil, errors.Join(fmt.Errorf("create server %s: %w", name, err), h.drop(s))
	}
	return s, nil
}

// data is the folder with the original's data for copies in a home. One that could not be made is tried again the next
// time.
func (o *Original) data(ctx context.Context, h *Home) (string, error) {
	where := surroundings{h.programs.Dir, filepath.Dir(h.dir), h.account.login()}
	o.mu.Lock()
	defer o.mu.Unlock()
	home := o.made[where]
	if home == nil {
		var err error
		if home, err = Open(ctx, Options{Programs: where.programs, Dir: where.parent, User: where.user}); err != nil {
			return "", err
		}
		if err := o.make(ctx, home); err != nil {
			return "", errors.Join(err, home.Close())
		}
		o.made[where] = home
	}
	return home.servers[master].data, nil
}

// make makes the original in a home of its own.
func (o *Original) make(ctx context.Context, h *Home) error {
	s, err := h.Create(ctx, master, o.initdb...)
	if err != nil || o.fill == nil {
		return err
	}
	if err := s.setAll(o.settings); err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	return errors.Join(o.fill(ctx, s), s.Stop(ctx, Fast))
}
