// Package outages remembers when something was out, like a link that was cut.
package outages

import "time"

// Outages are those of one thing, in order. The zero value has never been out. Times are from any one moment on.
type Outages struct{ spans []span }

// span is one outage; it does not include its end.
type span struct {
	from, to time.Duration
	over     bool
}

// Set says whether the thing is out from now on. Calls come in the order of time.
func (o *Outages) Set(now time.Duration, out bool) {
	last := len(o.spans) - 1
	switch is := last >= 0 && !o.spans[last].over; {
	case out && !is:
		o.spans = append(o.spans, span{from: now})
	case !out && is:
		o.spans[last].to, o.spans[last].over = now, true
	}
}

// end is when the outage of a moment ended: that moment itself if there was none; false if it lasts.
func (o *Outages) end(at time.Duration) (time.Duration, bool) {
	for _, s := range o.spans {
		if at >= s.from && (!s.over || at < s.to) {
			return s.to, s.over
		}
	}
	return at, true
}

// FirstClear is the first moment from t on at which none of them was out; false if there has been none yet.
func FirstClear(t time.Duration, of ...*Outages) (time.Duration, bool) {
	for {
		before := t
		for _, o := range of {
			var over bool
			if t, over = o.end(t); !over {
				return 0, false
			}
		}
		if t == before {
			return t, true
		}
	}
}
