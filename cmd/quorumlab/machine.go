package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"quorumlab/sim/compare"
)

// examine looks at the machine.
func examine() compare.Host { return compare.Host{Cores: runtime.NumCPU(), Load: loadAverage()} }

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
