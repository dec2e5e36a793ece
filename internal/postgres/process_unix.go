//go:build unix

package postgres

import (
	"os/exec"
	"syscall"
)

// The signals that make a postmaster end, with all its children.
const (
	signalFast      = syscall.SIGINT
	signalImmediate = syscall.SIGQUIT
)

// prepare sets a process's account, and gives it a process group of its own, so that Ctrl-C in the terminal
// reaches this program only. dying is the signal that Linux sends the process when this program ends.
func prepare(cmd *exec.Cmd, a *account, dying syscall.Signal) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
	dieWithParent(cmd.SysProcAttr, dying)
	return nil
}

// killGroup kills a process that was prepared, with its process group.
func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
