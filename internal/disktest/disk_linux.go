package disktest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// inside is the environment variable that names the folder for the disk.
const inside = "QUORUMLAB_TEST_TINY_DISK"

const cannotMount = "can't mount:"

// On runs a test's body with an empty disk of a size like "16m", which is mounted on dir and removed
// afterwards. The disk is a tmpfs that the test, started again in namespaces of its own with env added
// to its environment, may mount. Where that is not allowed, the test is skipped.
func On(t *testing.T, size string, env []string, body func(dir string)) {
	t.Helper()
	on(t, size, env, body, &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	})
}

// OnAsRoot is On for a body that changes to other users: it has a namespace for mounts, and none for users. It is
// skipped unless root runs the test.
func OnAsRoot(t *testing.T, size string, body func(dir string)) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a disk that other users write to")
	}
	on(t, size, nil, body, &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS})
}

func on(t *testing.T, size string, env []string, body func(dir string), namespaces *syscall.SysProcAttr) {
	t.Helper()
	if dir := os.Getenv(inside); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
			fmt.Println(cannotMount, err)
			return
		}
		body(dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(append(os.Environ(), env...), inside+"="+t.TempDir())
	cmd.SysProcAttr = namespaces
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &ended):
		t.Skip("this machine does not allow namespaces, which a small disk needs: ", err)
	case strings.Contains(string(out), cannotMount):
		t.Skipf("this machine does not allow mounting a small disk: %s", out)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
}

// Fill appends to a file until its disk is full.
func Fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}
