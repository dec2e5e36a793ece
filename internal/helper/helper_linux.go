package helper

import (
	"os/exec"
	"syscall"
)

// executable is the file that runs, even when another one has taken its name since.
func executable() (string, error) { return "/proc/self/exe", nil }

// DieWithParent has the system kill the helper when this process ends. That only speeds things up: a
// helper also watches its standard input, which ends with this process on every system.
func DieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
