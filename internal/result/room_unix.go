//go:build linux || darwin

package result

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// enough reports, as a PlaceError, that the place's disk has less room than the result will take.
func (p *Taken) enough() error {
	var s unix.Statfs_t
	if p.Room <= 0 || unix.Statfs(p.folder(), &s) != nil || s.Blocks == 0 {
		return nil // it is not known
	}
	if free := int64(s.Bavail) * int64(s.Bsize); free < p.Room {
		return &PlaceError{Path: p.Path, Hint: "nothing was started; make room, or choose another folder with --out",
			Err: fmt.Errorf("no space left on device for the result: it takes about %s, and %s are free",
				megabytes(p.Room), megabytes(free))}
	}
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
