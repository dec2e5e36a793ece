package pgrestore

import (
	"regexp"
	"strings"
)

// entry is an entry of a dump's table of contents, as pg_restore --list shows it.
type entry struct {
	id   string // its number, which is all that -L reads of a line
	what string // its type, schema and name, as in "TABLE DATA public orders"
	line string // all of it
}

// listLine is a line of the list: number; catalogue and object numbers, then what it is, and its owner.
var listLine = regexp.MustCompile(`^(\d+); \d+ \d+ (.*) \S*$`)

// entriesIn reads the output of pg_restore --list. Comments are left out.
func entriesIn(list string) (all []entry) {
	for line := range strings.Lines(list) {
		line = strings.TrimSuffix(line, "\n")
		if m := listLine.FindStringSubmatch(line); m != nil {
			all = append(all, entry{m[1], m[2], line})
		}
	}
	return all
}
