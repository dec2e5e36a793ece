//go:build unix

package helper

import (
	"os/exec"
	"syscall"
)

// OwnGroup keeps from the helper what the terminal or a kill sends to this process's group.
func OwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
