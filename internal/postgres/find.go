package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"quorumlab/internal/text"
)

// The oldest and the newest major version that are supported.
const (
	oldest = 15
	newest = 18
)

// FolderVariable is the environment variable with the folder of PostgreSQL's programs.
const FolderVariable = "QUORUMLAB_PG_BIN"

// needed are the programs that a folder must have. Other programs are looked up when they are run.
var needed = []string{"initdb", "postgres", "psql", "pg_controldata", "pg_basebackup", "pg_dump", "pg_dumpall",
	"pg_restore"}

// places are the folders that systems install the programs in, as patterns.
var places = []string{
	"/usr/lib/postgresql/*/bin",     // Debian, and PGDG's packages for it
	"/usr/pgsql-*/bin",              // PGDG's packages for Red Hat
	"/usr/lib/postgresql[0-9]*/bin", // SUSE
	"/usr/libexec/postgresql[0-9]*", // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin", // Homebrew on an Intel Mac
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/Library/PostgreSQL/*/bin",           // EDB's installer
	"/opt/local/lib/postgresql[0-9]*/bin", // MacPorts
	"/usr/local/pgsql/bin",                // built from source
}

// Programs are PostgreSQL's programs of one version.
type Programs struct {
	Dir     string // the folder they are in
	Major   int    // from 15 to 18
	Version string // in full: "15.18"
}

// ErrMissing is the error when PostgreSQL's programs, or one of them, are not on this machine.
var ErrMissing = errors.New("no usable PostgreSQL found")

// Find finds PostgreSQL's programs in a folder. If the folder is empty, it is $QUORUMLAB_PG_BIN. If that is empty too,
// Find takes the first usable folder of $PATH and of the usual places, the newest version first.
//
// The error wraps ErrMissing, and says what was looked at and how to install PostgreSQL; or it is ctx's.
func Find(ctx context.Context, folder string) (Programs, error) {
	return find(ctx, folder, "/")
}

// find is Find with the usual places below another root.
func find(ctx context.Context, folder, root string) (Programs, error) {
	named := folder
	if folder == "" {
		folder = os.Getenv(FolderVariable)
		named = fmt.Sprintf("%s (from $%s)", folder, FolderVariable)
	}
	if folder != "" {
		p, err := examine(ctx, folder)
		if err != nil {
			return Programs{}, missing(ctx, named+": "+err.Error())
		}
		return p, nil
	}
	var looked []string
	for _, dir := range candidates(root) {
		p, err := examine(ctx, dir)
		if err == nil {
			return p, nil
		}
		looked = append(looked, dir+": "+err.Error())
	}
	if len(looked) == 0 {
		looked = []string{"there is no initdb in $PATH, " + strings.Join(places, ", ")}
	}
	return Programs{}, missing(ctx, strings.Join(looked, "; "))
}

func missing(ctx context.Context, looked string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s. Versions %d to %d work. To install one: %s. If it is in another folder, set $%s to that "+
		"folder. Your own databases are never touched: servers here are private, in a temporary folder and without a TCP "+
		"port", ErrMissing, looked, oldest, newest, installing(runtime.GOOS), FolderVariable)
}

// installing is how to install PostgreSQL on a system.
func installing(system string) string {
	if system == "darwin" {
		return "`brew install postgresql@17`"
	}
	return "`apt-get install postgresql` (Debian, Ubuntu), `dnf install postgresql-server postgresql-contrib` (Fedora), " +
		"`apk add postgresql17 postgresql17-contrib` (Alpine)"
}

// candidates are the folders that have an initdb: first those in $PATH, then the usual places, the newest version
// first.
func candidates(root string) []string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if file, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb")); err == nil && filepath.IsAbs(dir) {
			dirs = append(dirs, filepath.Dir(file))
		}
	}
	var installed []string
	for _, p := range places {
		found, err := filepath.Glob(filepath.Join(root, p, "initdb"))
		if err != nil {
			panic(err) // a pattern of ours is bad
		}
		for _, f := range found {
			installed = append(installed, filepath.Dir(f))
		}
	}
	slices.SortStableFunc(installed, func(a, b string) int { return numberIn(b) - numberIn(a) })
	dirs = append(dirs, installed...)
	seen := map[string]bool{}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		again := seen[dir]
		seen[dir] = true
		return again
	})
}

var (
	folderEnd   = regexp.MustCompile(`(\d+)(\.\d+)?(/bin)?$`)
	versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)
)

// numberIn is the major version in a folder's name; 0 if there is none.
func numberIn(dir string) int {
	m := folderEnd.FindStringSubmatch(dir)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits
	return n
}

// examine checks that a folder has all needed programs, in one version, which is supported.
func examine(ctx context.Context, dir string) (Programs, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Programs{}, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return Programs{}, errors.New("no such folder")
	}
	p := Programs{Dir: dir}
	var absent []string
	for _, name := range needed {
		if _, err := p.Path(name); err != nil {
			absent = append(absent, name)
		}
	}
	if len(absent) > 0 {
		return Programs{}, fmt.Errorf("no %s", strings.Join(absent, ", "))
	}
	for i, name := range needed {
		major, version, err := p.ask(ctx, name)
		switch {
		case err != nil:
			return Programs{}, err
		case i == 0:
			p.Major, p.Version = major, version
		case version != p.Version:
			return Programs{}, fmt.Errorf("a mix of versions: %s is %s, %s is %s", needed[0], p.Version, name, version)
		}
	}
	if p.Major < oldest || p.Major > newest {
		return Programs{}, fmt.Errorf("version %s", p.Version)
	}
	return p, nil
}

// ask asks a program for its version.
func (p Programs) ask(ctx context.Context, name string) (major int, version string, err error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.Dir, name), "--version")
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	if err != nil {
		return 0, "", fmt.Errorf("%s --version: %w", name, err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0, "", fmt.Errorf("%s --version says %q", name, strings.TrimSpace(string(out)))
	}
	major, err = strconv.Atoi(string(m[2]))
	return major, string(m[1]), err
}

// Path is the file of a program. The error wraps ErrMissing.
func (p Programs) Path(name string) (string, error) {
	path := filepath.Join(p.Dir, name)
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
		return path, nil
	}
	return "", fmt.Errorf("%w: there is no %s in %s%s; some systems have it in the package postgresql-contrib",
		ErrMissing, name, p.Dir, text.DidYouMean(name, p.names()))
}

// names are the names of the programs in the folder.
func (p Programs) names() (names []string) {
	entries, _ := os.ReadDir(p.Dir) // without names there is no suggestion
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
