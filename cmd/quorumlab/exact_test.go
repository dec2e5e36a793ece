package main

import (
	"fmt"

	"quorumlab/sim/exact"
)

// conditions are what scripts ask for in brackets: exact, whether this program has the module of exact runs.
func conditions(name string) (bool, error) {
	if name != "exact" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, err := exact.Own()
	return err == nil, nil
}
