package main

import "fmt"

// sayer tells what a run is doing: on a terminal in a line that the next one replaces,
// otherwise not at all.
type sayer struct {
	io   streams
	what string
}

const clearLine = "\r\x1b[K"

func (s *sayer) say(format string, args ...any) {
	if s.io.width == 0 {
		return
	}
	text := []rune(s.what + ": " + fmt.Sprintf(format, args...))
	fmt.Fprint(s.io.err, clearLine+string(text[:min(len(text), s.io.width-1)]))
}

func (s *sayer) clear() {
	if s.io.width > 0 {
		fmt.Fprint(s.io.err, clearLine)
	}
}
