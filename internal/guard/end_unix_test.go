//go:build unix

package guard

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"quorumlab/internal/helper"
)

// The pipe ends when the last process that holds it has ended.
func TestGuardKillsAProcessGroup(t *testing.T) {
	g := startGuard(t)
	held, release, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	cmd := exec.Command("/bin/sh", "-c", "sleep 1000 & echo started; wait")
	helper.OwnGroup(cmd)
	cmd.Stdout = release
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	release.Close()
	said := bufio.NewReader(held)
	if line, err := said.ReadString('\n'); err != nil || line != "started\n" {
		t.Fatal(line, err)
	}
	g.Group(cmd.Process.Pid)
	if err := g.in.Close(); err != nil {
		t.Fatal(err)
	}
	if line, err := said.ReadString('\n'); err == nil {
		t.Errorf("the group says %q", line)
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("the process ended with %v", err)
	}
	if err := g.cmd.Wait(); err != nil {
		t.Errorf("the guard ended with %v", err)
	}
}

// A process that has to end its own children gets the time to do so.
func TestGuardLetsAProcessQuit(t *testing.T) {
	g, dir := startGuard(t), fill(t)
	cmd := exec.Command("/bin/sh", "-c", `trap 'kill $!; echo "tidied up"; exit 0' QUIT; sleep 1000 & echo started; wait`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(out)
	if line, err := said.ReadString('\n'); err != nil || line != "started\n" {
		t.Fatal(line, err)
	}
	g.Quit(cmd.Process.Pid)
	if err := g.Folder(dir); err != nil {
		t.Fatal(err)
	}
	if err := g.in.Close(); err != nil {
		t.Fatal(err)
	}
	line, err := said.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "tidied up" {
		t.Errorf("it says %q, %v", line, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v", err)
	}
	if err := g.cmd.Wait(); err != nil {
		t.Errorf("the guard ended with %v", err)
	}
	if exists(dir) {
		t.Error("the folder is still there")
	}
}
