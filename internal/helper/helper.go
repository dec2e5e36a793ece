// Package helper starts this program again in a process of its own, to do one job: be a member of a
// cluster, or the guard that cleans up after a program that was killed.
//
// The program must call Main first of all. One that does not, such as a foreign test, gets no
// helpers, rather than starting all over in each of them.
package helper

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
)

// A Duty is what a helper does; what it returns is the exit code.
type Duty func() int

// variable is the environment variable that names a helper's role.
const variable = "QUORUMLAB_HELPER"

// taken is set once, by Main: it proves that the program does not do its own work in a helper.
var taken atomic.Bool

// Main does the helper's job and ends the process, if it was started as a helper; otherwise it
// returns at once.
func Main(roles map[string]Duty) {
	name := os.Getenv(variable)
	if name == "" {
		taken.Store(true)
		return
	}
	role := roles[name]
	if role == nil {
		fmt.Fprintf(os.Stderr, "%s=%s: no such helper\n", variable, name)
		os.Exit(2)
	}
	os.Exit(role())
}

// ErrNoMain is the error of a program that did not call Main.
var ErrNoMain = errors.New("this program can't run itself as a helper: its main does not call etcdsim.Main first")

// Command prepares a helper of that role. title is shown in process lists. The error is ErrNoMain, or
// that the program's file is not known.
func Command(role, title string) (*exec.Cmd, error) {
	if !taken.Load() {
		return nil, ErrNoMain
	}
	path, err := executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path)
	cmd.Args[0] = title
	cmd.Env = append(os.Environ(), variable+"="+role)
	return cmd, nil
}
