package text

import (
	"strconv"
	"strings"
)

// Names lists names as in a sentence: "n1, n2 and n3", "n1, n2, n3 and 22 more".
func Names(names []string) string {
	const most = 7
	if n := len(names); n > most {
		names = append(names[:3:3], strconv.Itoa(n-3)+" more")
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
