package plots

import (
	"time"
)

// windowWidth is a round width of which at most so many fit into the span.
func windowWidth(span time.Duration, most int) time.Duration {
	least := max(span/time.Duration(most), time.Microsecond)
	for unit := time.Microsecond; ; unit *= 10 {
		for _, m := range []time.Duration{1, 2, 5} {
			if m*unit >= least {
				return m * unit
			}
		}
	}
}

// windowFor is a width for counting n things over the span: fine enough to see
// changes, wide enough that most windows hold a few things.
func windowFor(span time.Duration, n, each, most int) time.Duration {
	return windowWidth(span, min(max(n/each, 4), most))
}

// windows is how many windows of a width cover the span.
func windows(span, width time.Duration) int { return int((span + width - 1) / width) }

// fullWindows is how many windows of a width cover the span where a last one of less than half a width belongs to the
// one before it: over a few milliseconds a rate or a percentile says nothing, and jumps.
func fullWindows(span, width time.Duration) int { return max(1, int((span+width/2)/width)) }

// fullWindowAt is the one of the fullWindows that a moment belongs to.
func fullWindowAt(at, span, width time.Duration) int {
	return min(max(int(at/width), 0), fullWindows(span, width)-1)
}

// fullWindowEnd is where the one of the fullWindows that begins at a moment ends.
func fullWindowEnd(from, span, width time.Duration) time.Duration {
	if fullWindowAt(from, span, width) == fullWindows(span, width)-1 {
		return span
	}
	return from + width
}

// windowAt is the window that a moment belongs to; the end of the span belongs to
// the last one.
func windowAt(at, span, width time.Duration) int {
	return min(max(int(at/width), 0), windows(span, width)-1)
}
