//go:build !linux

package finetime

import "time"

func wakeAt(time.Time) {}
