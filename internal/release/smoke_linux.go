package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The variables by which a process knows that it is to enter a root, and with which version.
const (
	rootVariable    = "QUORUMLAB_RELEASE_ROOT"
	versionVariable = "QUORUMLAB_RELEASE_VERSION"
)

// nobody is who runs the programs in the root, if this process may choose: the user of distroless images.
const nobody = 65532

// smokeTests are what is run in the root, with what is typed.
var smokeTests = []struct {
	typed string
	args  []string
}{
	{"", []string{"version", "--json"}},
	{"", []string{"doctor"}},
	{"", []string{"run", "leader-crash", "--engine", "all", "--out", "/tmp/out"}},
	{"", []string{"sweep", "leader-crash", "--trials", "4", "--measure", "failover", "--out", "/tmp/out"}},
	{"", []string{"lesson", "list"}},
	{"wait leader\ncrash leader\nwait leader\nrestart crashed\nquit\n", []string{"up", "--out", "/tmp/out"}},
}

// runInEmptyRoot unpacks this machine's archive into a folder that has nothing else, makes that the root of a process
// with namespaces of its own, without a network but loopback, and runs the programs there as nobody.
func (r *release) runInEmptyRoot(ctx context.Context, w io.Writer) (err error) {
	if !slices.Contains(r.targets, here()) {
		_, err := fmt.Fprintf(w, "not tried in an empty root: nothing was built for %s\n", here())
		return err
	}
	root, err := os.MkdirTemp("", "quorumlab-root-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	if err := unpack(filepath.Join(r.dir, r.archive(here())), root); err != nil {
		return err
	}
	said, err := enter(ctx, root, r.stamp.Version)
	switch {
	case strings.Contains(said, cannotEnter):
		_, err := fmt.Fprintf(w, "not tried in an empty root, which is not allowed here: %s\n", said)
		return err
	case err != nil:
		return fmt.Errorf("in an empty root: %w\n%s", err, said)
	}
	_, err = fmt.Fprintf(
		w,
		"in an empty root, without a network and not as root: %d commands, all good\n",
		len(smokeTests),
	)
	return err
}

// cannotEnter begins what is said where a machine does not allow it.
const cannotEnter = "can't enter:"

func enter(ctx context.Context, root, version string) (said string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.Chmod(root, 0o755), os.Mkdir(filepath.Join(root, "proc"), 0o755),
		os.Mkdir(filepath.Join(root, "dev"), 0o755), os.Mkdir(filepath.Join(root, "tmp"), 0o755),
		os.WriteFile(filepath.Join(root, "dev", "null"), nil, 0o666)); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = []string{rootVariable + "=" + root, versionVariable + "=" + version}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
		return cannotEnter + " " + err.Error(), nil
	}
	return string(out), err
}

// inRoot is the process in namespaces of its own: it makes the folder its root and runs the programs. It reports
// whether this process is that one; it ends the process if something fails.
func inRoot() bool {
	root := os.Getenv(rootVariable)
	if root == "" {
		return false
	}
	if err := changeRoot(root); err != nil {
		fmt.Println(cannotEnter, err)
		return true
	}
	folder := "/quorumlab-" + os.Getenv(versionVariable)
	for _, s := range smokeTests {
		cmd := exec.Command(filepath.Join(folder, "quorumlab"), s.args...)
		cmd.Dir, cmd.Stdin = "/tmp", strings.NewReader(s.typed)
		cmd.Env = []string{"HOME=/tmp", "PATH=" + folder}
		if mapped, _ := os.ReadFile("/proc/self/uid_map"); len(strings.Fields(string(mapped))) == 3 &&
			strings.Fields(string(mapped))[2] != "1" { // else there is nobody but this user
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Printf("quorumlab %s: %v\n%s\n", strings.Join(s.args, " "), err, out)
			os.Exit(1)
		}
	}
	return true
}

// changeRoot makes a folder the root, with /proc, /tmp and /dev/null, which every container has, and brings up
// loopback.
func changeRoot(root string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
		data                 string
	}{
		{"/dev/null", "dev/null", "", unix.MS_BIND, ""},
		{"proc", "proc", "proc", 0, ""},
		{"tmpfs", "tmp", "tmpfs", 0, "mode=1777,size=1g"},
	} {
		if err := unix.Mount(m.source, filepath.Join(root, m.target), m.kind, m.flags, m.data); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	if err := errors.Join(unix.Chroot(root), os.Chdir("/")); err != nil {
		return err
	}
	return loopback()
}

// loopback brings up the interface that members talk over.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, lo); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	lo.SetUint16(lo.Uint16() | unix.IFF_UP)
	return os.NewSyscallError("loopback", unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo))
}
