//go:build unix && !linux

package postgres

import (
	"os"
	"syscall"
)

// dieWithParent does nothing on this system: only the guard ends the process.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// killAll kills a postmaster. Its children end when they notice.
func killAll(first *os.Process) error { return first.Kill() }

// freeMemory does nothing on this system: a killed server leaves 56 bytes of shared memory.
func freeMemory(string, int) {}

// memoryFolder finds none: this system has no file system in memory for everybody.
func memoryFolder(*account) string { return "" }
