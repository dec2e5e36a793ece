package lessons

import (
	"strings"
)

// YesNo is an answer as facts have it.
func YesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// MiB is a size in MiB, for axes.
func MiB[S ~int | ~int64](s S) float64 { return float64(s) / (1 << 20) }

// InEtcdsWords is an error as etcd words it, without which part of it says so.
func InEtcdsWords(err error) string {
	text := strings.TrimPrefix(err.Error(), "etcdserver: ")
	return strings.TrimPrefix(text, "mvcc: ")
}
