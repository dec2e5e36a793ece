// Package guard cleans up after a program that had no chance to: a small separate process, which
// survives a kill -9 of the program, kills the processes that it left and removes its folders.
package guard

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"sync"

	"quorumlab/internal/helper"
)

// order is one line from the program to its guard.
type order struct {
	Folder  string `json:",omitempty"` // to be removed
	Process int    `json:",omitempty"` // to be ended
	How     ending `json:",omitempty"`
	Gone    int    `json:",omitempty"` // a process that no longer is
	Done    bool   `json:",omitempty"` // nothing is left to do
}

// ending is how a process is ended. The zero value kills it.
type ending string

const (
	endGroup ending = "group" // kills its whole process group
	endQuit  ending = "quit"  // sends SIGQUIT, and kills it later
)

// Guard is the program's side. A nil Guard guards nothing. Its methods are safe for concurrent use.
type Guard struct {
	cmd *exec.Cmd

	mu     sync.Mutex
	in     io.WriteCloser
	closed bool
}

// Start starts a guard; Close it. Errors: helper.ErrNoMain and those of starting a process.
func Start() (*Guard, error) {
	cmd, err := helper.Command(Role, "quorumlab: guard")
	if err != nil {
		return nil, err
	}
	helper.OwnGroup(cmd)
	cmd.Dir = string(filepath.Separator) // it must not keep a folder busy
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &Guard{cmd: cmd, in: in}, nil
}

// Folder has the folder removed if this program ends without Close. The error is that of finding its
// full path.
func (g *Guard) Folder(path string) error {
	path, err := filepath.Abs(path)
	if err == nil {
		g.send(order{Folder: path})
	}
	return err
}

// Process has a process killed if this program ends without Close.
func (g *Guard) Process(pid int) { g.send(order{Process: pid}) }

// Group has the process group that a process leads (helper.OwnGroup) killed if this program ends without Close.
func (g *Guard) Group(pid int) { g.send(order{Process: pid, How: endGroup}) }

// Quit has a process sent SIGQUIT if this program ends without Close, and killed if it has not ended ten seconds
// later. It is for processes that end their own children on that signal, like PostgreSQL's postmaster.
func (g *Guard) Quit(pid int) { g.send(order{Process: pid, How: endQuit}) }

// Gone revokes Process, Group or Quit.
func (g *Guard) Gone(pid int) { g.send(order{Gone: pid}) }

// Close revokes everything and ends the guard. A second call does nothing.
func (g *Guard) Close() error {
	if g == nil {
		return nil
	}
	g.send(order{Done: true})
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	g.closed = true
	err := g.in.Close()
	var exit *exec.ExitError
	if e := g.cmd.Wait(); e != nil && !errors.As(e, &exit) { // that somebody killed it is no harm now
		err = errors.Join(err, e)
	}
	return err
}

// send passes an order on. Without a guard, which somebody may have killed, the program is as safe as
// any other, so that is no error.
func (g *Guard) send(o order) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = json.NewEncoder(g.in).Encode(o)
}
