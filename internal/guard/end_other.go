//go:build !unix

package guard

// killGroup kills the process: there are no groups here.
func killGroup(pid int) { kill(pid) }

// quit kills the process: there are no signals here.
func quit(pid int) bool {
	kill(pid)
	return false
}

// lives is asked by nobody here, as no process is told to quit.
func lives(int) bool { return false }
