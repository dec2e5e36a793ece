//go:build unix && !linux

package postgres

import (
	"os"
	"syscall"
)

// dieWithParent can't be had here: the guard does it.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// killAll kills a server's first process. The others end when they notice.
func killAll(first *os.Process) error { return first.Kill() }

// freeMemory does nothing here: the memory that a killed server leaves, 56 bytes, stays.
func freeMemory(string, int) {}
