//go:build !unix

package postgres

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

const (
	signalFast      = syscall.SIGINT
	signalImmediate = syscall.SIGQUIT
)

var errSystem = errors.New("private PostgreSQL servers need a Unix system")

type account struct{}

func choose(string) (*account, error)                   { return nil, errSystem }
func (*account) login() string                          { return "" }
func (*account) give(string) error                      { return errSystem }
func (*account) giveTree(string) error                  { return errSystem }
func (*account) reaches(string) error                   { return errSystem }
func prepare(*exec.Cmd, *account, syscall.Signal) error { return errSystem }
func killGroup(*exec.Cmd) error                         { return errSystem }
func killAll(*os.Process) error                         { return errSystem }
func freeMemory(string, int)                            {}
func memoryFolder(*account) string                      { return "" }
