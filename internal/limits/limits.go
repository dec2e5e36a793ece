// Package limits knows what programs run into that is no fault of theirs: the limits of the system, by its own words
// and by those of etcd, and what helps.
package limits

import "strings"

var known = []struct{ says, helps string }{
	{"too many open files", "raise the limit of open files: ulimit -n 4096"},
	{"file descriptor limit", "raise the limit of open files: ulimit -n 4096"},
	{"no space left on device", "make room in the folder of temporary files, or set TMPDIR to another one"},
	{"disk quota exceeded", "make room in the folder of temporary files, or set TMPDIR to another one"},
	{"file too large", "raise the limit of a file's size: ulimit -f unlimited"},
	{"cannot allocate memory", "members need more memory than there is: take fewer of them"},
}

// Helps says what helps against the cause of an error, by its text; empty: nobody knows, or the text says it already.
func Helps(why string) string {
	for _, l := range known {
		if strings.Contains(why, l.says) && !strings.Contains(why, l.helps) {
			return l.helps
		}
	}
	return ""
}
