package postgres_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"testing"

	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

// Root starts this test once more as a user without rights.
func TestAsAUserWithoutRights(t *testing.T) {
	p := postgrestest.Programs(t)
	if os.Geteuid() != 0 {
		t.Skip("all tests run as a user without rights already")
	}
	if err := asNobody(t, p.Dir, "-test.run=^(TestServer|TestContextEndsDuringInitdb|TestToolIsKilled)$"); err != nil {
		t.Error(err)
	}
}

// asNobody runs tests of this program once more, as nobody.
func asNobody(t *testing.T, programs string, args ...string) error {
	t.Helper()
	u, err := user.Lookup("nobody")
	ok(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	ok(t, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	ok(t, err)
	cmd := exec.CommandContext(t.Context(), itself, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "TMPDIR=/tmp", "HOME=/", postgres.FolderVariable+"="+programs, "QUORUMLAB_REQUIRE_PG=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
