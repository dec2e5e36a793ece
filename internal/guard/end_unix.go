//go:build unix

package guard

import "syscall"

// killGroup kills the group that a process leads.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// quit tells a process to quit; false when there is none.
func quit(pid int) bool { return syscall.Kill(pid, syscall.SIGQUIT) == nil }

// lives tells whether there is such a process.
func lives(pid int) bool { return syscall.Kill(pid, 0) == nil }
