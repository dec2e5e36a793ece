//go:build !windows

package main

// enableEscapes does nothing: terminals obey escape sequences.
func enableEscapes() error { return nil }
