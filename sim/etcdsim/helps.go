package etcdsim

import "quorumlab/internal/limits"

// helps says what helps against the cause of an error, after a semicolon; empty: nobody knows.
func helps(why string) string {
	if h := limits.Helps(why); h != "" {
		return "; " + h
	}
	return ""
}
