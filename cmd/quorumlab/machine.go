package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
)

// machine is what a comparison depends on beside the two engines.
type machine struct {
	Cores int          `json:"cores"`
	Load  *float64     `json:"load,omitempty"`  // of the last minute, at the start; absent where the system does not tell
	Takes *machineJSON `json:"takes,omitempty"` // absent: sim took its own defaults
	takes sim.Machine
}

// machineJSON is what the members take here, as time laws.
type machineJSON struct {
	Fsync  string `json:"fsync"`
	Commit string `json:"commit"`
	Client string `json:"client"`
	Hop    string `json:"message"`
}

// examine looks at the machine, and measures it if wanted.
func examine(ctx context.Context, measured bool) (machine, error) {
	m := machine{Cores: runtime.NumCPU(), Load: loadAverage()}
	if !measured {
		return m, nil
	}
	var err error
	if m.takes, err = etcdsim.Measure(ctx, ""); err != nil {
		return m, err
	}
	t := m.takes
	m.Takes = &machineJSON{t.Fsync.String(), t.Commit.String(), t.Client.String(), t.Hop.String()}
	return m, nil
}

func (m machine) String() string {
	s := fmt.Sprintf("%d cores", m.Cores)
	if m.Load != nil {
		s += fmt.Sprintf(", load average %.2f at the start", *m.Load)
	}
	if m.Takes != nil {
		s += "; " + m.takes.String()
	}
	return s
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
