package chart

import (
	"errors"
	"fmt"
)

// ErrNothing is the error of a figure that has nothing to show for a run: latency
// without clients, messages that were not recorded. It is wrapped in a sentence
// that says what is missing.
var ErrNothing = errors.New("nothing to show")

func Nothing(why string) error { return fmt.Errorf("%w: %s", ErrNothing, why) }
