package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine is what a comparison depends on beside the two engines.
type machine struct {
	Cores int      `json:"cores"`
	Load  *float64 `json:"load,omitempty"` // of the last minute, at the start; absent where the system does not tell
}

func examine() machine { return machine{Cores: runtime.NumCPU(), Load: loadAverage()} }

func (m machine) String() string {
	s := fmt.Sprintf("%d cores", m.Cores)
	if m.Load != nil {
		s += fmt.Sprintf(", load average %.2f at the start", *m.Load)
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
