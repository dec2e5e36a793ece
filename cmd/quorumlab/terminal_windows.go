package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// enableEscapes has the console obey escape sequences.
func enableEscapes() error {
	out := windows.Handle(os.Stdout.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(out, &mode); err != nil {
		return err
	}
	return windows.SetConsoleMode(out, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
}
