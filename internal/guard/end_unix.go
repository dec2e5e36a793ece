//go:build unix

package guard

import "syscall"

// killGroup kills the process group that a process leads.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// quit sends SIGQUIT; false if the process has ended.
func quit(pid int) bool { return syscall.Kill(pid, syscall.SIGQUIT) == nil }

// lives reports whether the process exists.
func lives(pid int) bool { return syscall.Kill(pid, 0) == nil }
