package main

import (
	"fmt"

	"quorumlab/plots/page"
	"quorumlab/sim/exact"
)

// conditions are what scripts ask for in brackets: whether this program has what make wasm builds, etcd's servers for
// exact runs (exact) and the simulator for browsers (webengine).
func conditions(name string) (bool, error) {
	switch name {
	case "exact":
		_, err := exact.Own()
		return err == nil, nil
	case "webengine":
		return page.HasEngine(), nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}
