//go:build unix

package postgres

import (
	"os/exec"
	"syscall"
)

// Signals that end a server: its first process ends the others.
const (
	signalFast      = syscall.SIGINT
	signalImmediate = syscall.SIGQUIT
)

// prepare gives a process its account, and a group of its own, so that a Ctrl-C at the terminal is for
// this program to act on. dying is the signal that it gets when this program ends, on systems that do so.
func prepare(cmd *exec.Cmd, a *account, dying syscall.Signal) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
	dieWithParent(cmd.SysProcAttr, dying)
	return nil
}

// killGroup kills a process that prepare prepared, with all that it has started.
func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
