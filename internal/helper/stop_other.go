//go:build !unix

package helper

import (
	"errors"
	"os"
)

var errCannotStop = errors.New("this system can't stop and continue a process; members that share a process can be " +
	"paused (cluster.process: shared)")

// CanStop reports whether Stop works on this system: nil, or why not.
func CanStop() error { return errCannotStop }

// Stop is not possible here.
func Stop(*os.Process) error { return errCannotStop }

// Continue is not possible here.
func Continue(*os.Process) error { return errCannotStop }
