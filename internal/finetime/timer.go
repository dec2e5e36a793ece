package finetime

import "time"

// NewTimer is time.NewTimer, but on time even when the program is otherwise idle.
func NewTimer(d time.Duration) *time.Timer {
	t := time.NewTimer(d)
	if d > 0 {
		wakeAt(time.Now().Add(d))
	}
	return t
}
