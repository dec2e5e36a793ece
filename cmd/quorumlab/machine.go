package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"quorumlab/sim"
)

// machine is what a comparison depends on beside the two engines.
type machine struct {
	Cores int      `json:"cores"`
	Load  *float64 `json:"load,omitempty"` // of the last minute, at the start; absent where the system does not tell
}

// takesJSON is what members took here, as text.
type takesJSON struct {
	Fsync  string `json:"fsync"`
	Commit string `json:"commit"`
	Client string `json:"client"`
	Hop    string `json:"message"`
}

// examine looks at the machine.
func examine() machine { return machine{Cores: runtime.NumCPU(), Load: loadAverage()} }

func (m machine) String() string {
	s := fmt.Sprintf("%d cores", m.Cores)
	if m.Load != nil {
		s += fmt.Sprintf(", load average %.2f at the start", *m.Load)
	}
	return s
}

// takesOf is what the members take, for programs; nil when it was not measured.
func takesOf(m sim.Machine) *takesJSON {
	if m.IsZero() {
		return nil
	}
	return &takesJSON{m.Fsync.String(), m.Commit.String(), m.Client.String(), m.Hop.String()}
}

// loadAverage is how many processes ran or wanted to, in the mean of the last minute; nil
// where there is no /proc.
func loadAverage() *float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(b), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return nil
	}
	return &v
}
