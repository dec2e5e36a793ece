package check

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"quorumlab/sim"
)

// The words that verdicts and the story share.

// moment is a time of the run in seconds, to the millisecond: "5.0 s", "6.312 s".
func moment(at time.Duration) string {
	s := strconv.FormatFloat(at.Round(time.Millisecond).Seconds(), 'f', 3, 64)
	s = strings.TrimRight(s, "0")
	if strings.HasSuffix(s, ".") {
		s += "0"
	}
	return s + " s"
}

// length is how long something took, as exactly as one can read: "12.3 s",
// "1.31 s", "240 ms", "3.2 ms", "410 µs".
func length(d time.Duration) string {
	switch {
	case d >= 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= 995*time.Millisecond:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 9950*time.Microsecond:
		return fmt.Sprintf("%.0f ms", sim.MillisOf(d))
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", sim.MillisOf(d))
	}
	return fmt.Sprintf("%d µs", d.Microseconds())
}

// list joins words: "n1", "n1 and n2", "n1, n2 and n3".
func list(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}

// names lists members by name.
func names(t *sim.Trace, ids []sim.MemberID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = t.Name(id)
	}
	return list(words)
}

// number is a count with its noun: "1 write", "3 writes", "no writes".
func number(n int, noun string) string {
	switch n {
	case 0:
		return "no " + plural(noun)
	case 1:
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + plural(noun)
}

func plural(noun string) string {
	switch {
	case strings.HasSuffix(noun, "entry"):
		return strings.TrimSuffix(noun, "y") + "ies"
	case strings.HasSuffix(noun, "s"):
		return noun + "es"
	}
	return noun + "s"
}

// holds is a value as a key's content: "value 41", or "nothing" for 0.
func holds(value uint64) string {
	if value == 0 {
		return "nothing"
	}
	return "value " + strconv.FormatUint(value, 10)
}

// sentence is the operation in words: "client 3's put of value 41 to k7".
func (o *op) sentence() string {
	e := o.call
	switch e.Op {
	case sim.OpPut:
		return fmt.Sprintf("client %d's put of value %d to %s", e.Client, e.Value, e.Key)
	case sim.OpCAS:
		return fmt.Sprintf("client %d's compare-and-swap of %s from %s to value %d", e.Client, e.Key, holds(e.Old), e.Value)
	}
	return fmt.Sprintf("client %d's get of %s", e.Client, e.Key)
}
