package etcdsim

import "strings"

// limits are what members run into that is no fault of the cluster, by the words of the system and of etcd, with what
// helps.
var limits = []struct{ says, helps string }{
	{"too many open files", "raise the limit of open files: ulimit -n 4096"},
	{"file descriptor limit", "raise the limit of open files: ulimit -n 4096"},
	{"no space left on device", "make room in the folder of temporary files, or set TMPDIR to another one"},
	{"disk quota exceeded", "make room in the folder of temporary files, or set TMPDIR to another one"},
	{"file too large", "raise the limit of a file's size: ulimit -f unlimited"},
	{"cannot allocate memory", "members need more memory than there is: take fewer of them"},
}

// helps says what helps against the cause of an error, after a semicolon; empty: nobody knows.
func helps(why string) string {
	for _, l := range limits {
		if strings.Contains(why, l.says) {
			return "; " + l.helps
		}
	}
	return ""
}
