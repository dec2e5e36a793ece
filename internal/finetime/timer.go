package finetime

import "time"

// NewTimer is time.NewTimer, but on time also where nothing else happens in the program.
func NewTimer(d time.Duration) *time.Timer {
	t := time.NewTimer(d)
	if d > 0 {
		wakeAt(time.Now().Add(d))
	}
	return t
}
