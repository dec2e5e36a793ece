//go:build !linux && !darwin

package main

// fileLimit is not known here.
func fileLimit() (n uint64, known bool) { return 0, false }

// freeRoom is not known here.
func freeRoom(string) (n int64, known bool) { return 0, false }
