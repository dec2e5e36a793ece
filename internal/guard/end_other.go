//go:build !unix

package guard

// killGroup kills the process only: this system has no process groups.
func killGroup(pid int) { kill(pid) }

// quit kills the process: this system has no SIGQUIT.
func quit(pid int) bool {
	kill(pid)
	return false
}

// lives is never called here, as quit leaves nothing to wait for.
func lives(int) bool { return false }
