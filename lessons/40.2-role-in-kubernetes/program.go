package roleinkubernetes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// programName is the program that the experiments run; it is built from the folder apiserver.
const programName = "quorumlab-kubernetes"

// errNoProgram is the error of a machine that does not have the program.
var errNoProgram = errors.New("this lesson runs the storage layer of kube-apiserver, in a separate program, " +
	programName)

// findProgram finds the program: next to the running one, built from the sources that the running one
// was built from if they are there (as they are in tests), or in $PATH.
func findProgram(ctx context.Context) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return locate(ctx, self, sources())
}

// locate finds the program for the one whose file is self. sources may be empty.
func locate(ctx context.Context, self, sources string) (string, error) {
	beside := filepath.Join(filepath.Dir(self), programName+exeSuffix())
	if info, err := os.Stat(beside); err == nil && !info.IsDir() {
		return beside, nil
	}
	sought := "next to " + self
	if sources != "" {
		file, err := build(ctx, sources)
		if err == nil || ctx.Err() != nil {
			return file, errors.Join(err, ctx.Err())
		}
		sought += ", by building it (" + err.Error() + ")"
	}
	if file, err := exec.LookPath(programName); err == nil {
		return file, nil
	}
	return "", fmt.Errorf("%w, which was not found %s, or in $PATH; `make build` in quorumlab's sources puts both into "+
		"bin/, where they find each other", errNoProgram, sought)
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// sources is the folder of the program's sources beside those that this one was built from; empty when
// they are not there or not known, as in a program that was built with -trimpath.
func sources() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	dir := filepath.Join(filepath.Dir(file), "apiserver")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return ""
	}
	return dir
}

// build builds the program, which takes a few minutes when none of its libraries has been built before,
// and no time when nothing has changed: the go command keeps it in its cache and says where.
func build(ctx context.Context, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "tool", "-n", programName)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go tool -n %s: %w: %s", programName, err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
