package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// learn starts a lesson on a terminal of 80 columns, and shows what it writes there.
func learn(t *testing.T, home string, args ...string) (*exec.Cmd, *os.File, *screen) {
	t.Helper()
	cmd := upProgram(t, home, append([]string{"lesson", "run", "0.1", "--learner", "anna"}, args...)...)
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+filepath.Join(home, "state"))
	cmd.SysProcAttr.Setctty = true
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = terminal.Close() }) // of a test that failed
	out := &screen{}
	go func() { _, _ = io.Copy(out, terminal) }() // ends with the terminal
	return cmd, terminal, out
}

func enter(t *testing.T, terminal io.Writer, keys string) {
	t.Helper()
	if _, err := io.WriteString(terminal, keys); err != nil {
		t.Fatal(err)
	}
}

// TestLessonOnATerminal asks before each run, takes no nonsense for an answer, and loses
// nothing when it is stopped in the middle: who comes back goes on from there.
func TestLessonOnATerminal(t *testing.T) {
	home := t.TempDir()
	cmd, terminal, out := learn(t, home)
	out.until(t, `How many come\?\s+Your answer`)
	enter(t, terminal, "a crowd\n")
	out.until(t, "Please answer with a number")
	enter(t, terminal, "2\n")
	out.until(t, `a  to come in\s+b  that they are late\s+Your answer`)
	if strings.Contains(out.String(), "Results") {
		t.Error("the run came before the answer")
	}
	enter(t, terminal, "\x03") // Ctrl-C, before the second answer
	if err := cmd.Wait(); exitCode(err) != exitInterrupted {
		t.Errorf("stopped: %v\n%s", err, out)
	}

	cmd, terminal, out = learn(t, home)
	out.until(t, `How many come\?\s+You said: 2`)
	out.until(t, `a  to come in\s+b  that they are late\s+Your answer`)
	enter(t, terminal, "c\n")
	out.until(t, "Please answer with a letter from a to b")
	enter(t, terminal, "b\n")
	out.until(t, `✗ How many come\?\s+you said: 2\s+it was: 3\.`)
	out.until(t, "✓ What are they told")
	out.until(t, "Three came, as always")
	out.until(t, "Press Enter to go on")
	enter(t, terminal, "\x03")
	if err := cmd.Wait(); exitCode(err) != exitInterrupted {
		t.Errorf("stopped: %v\n%s", err, out)
	}

	cmd, terminal, out = learn(t, home)
	out.until(t, `Step 1 of 2, "Counting", was played before`)
	out.until(t, `How many elections are there\?\s+Your answer`)
	enter(t, terminal, "\n") // no idea
	out.until(t, `no prediction\s+it was: 2\.`)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	page, err := os.ReadFile(filepath.Join(home, "out", "lessons", "0.1-sample", "lesson.html"))
	if err != nil || !strings.Contains(string(page), "Their ages") || !strings.Contains(string(page), "Who led") {
		t.Errorf("the page lacks the pictures of one sitting: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(home, "tmp", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// exitCode is the code in a program's error.
func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	return 0
}
