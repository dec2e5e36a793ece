package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// folder makes programs that tell a version.
func folder(t *testing.T, dir, version string, names ...string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s (Debian %s-1)'\n", name, version, version)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs here are shell scripts")
	}
	for _, test := range []struct {
		name string
		// make fills a root and returns the folder that is asked for.
		make    func(t *testing.T, root string) string
		version string // empty: there is an error
		in      string // the folder below the root
		err     string // a part of the error; ROOT is the root
	}{
		{"Debian's newest", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/9.6/bin", "9.6.24", needed...)
			folder(t, root+"/usr/lib/postgresql/15/bin", "15.18", needed...)
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", needed...)
			return ""
		}, "17.2", "/usr/lib/postgresql/17/bin", ""},
		{"Red Hat's", func(t *testing.T, root string) string {
			folder(t, root+"/usr/pgsql-16/bin", "16.4", needed...)
			return ""
		}, "16.4", "/usr/pgsql-16/bin", ""},
		{"Homebrew's", func(t *testing.T, root string) string {
			folder(t, root+"/opt/homebrew/opt/postgresql@18/bin", "18.0", needed...)
			return ""
		}, "18.0", "/opt/homebrew/opt/postgresql@18/bin", ""},
		{"$PATH before the places, through links", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", needed...)
			folder(t, root+"/cellar/16/bin", "16.1", needed...)
			if err := os.Mkdir(root+"/linked", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(root+"/cellar/16/bin/initdb", root+"/linked/initdb"); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", root+"/linked:"+os.Getenv("PATH"))
			return ""
		}, "16.1", "/cellar/16/bin", ""},
		{"too old in $PATH, good in a place", func(t *testing.T, root string) string {
			t.Setenv("PATH", folder(t, root+"/old", "13.9", needed...)+":"+os.Getenv("PATH"))
			folder(t, root+"/usr/lib/postgresql/15/bin", "15.18", needed...)
			return ""
		}, "15.18", "/usr/lib/postgresql/15/bin", ""},
		{"not whole, so the next one", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", "initdb", "postgres")
			folder(t, root+"/usr/lib/postgresql/16/bin", "16.4", needed...)
			return ""
		}, "16.4", "/usr/lib/postgresql/16/bin", ""},
		{"the folder that is asked for", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", needed...)
			return folder(t, root+"/mine", "15.1", needed...)
		}, "15.1", "/mine", ""},
		{"the variable's folder", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", needed...)
			t.Setenv(FolderVariable, folder(t, root+"/mine", "15.1", needed...))
			return ""
		}, "15.1", "/mine", ""},
		{"the folder that is asked for, and nothing else", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", needed...)
			return folder(t, root+"/mine", "15.1", "initdb")
		}, "", "", "ROOT/mine: no postgres, psql, pg_controldata, pg_basebackup, pg_dump, pg_dumpall, pg_restore. "},
		{"the variable's folder, and nothing else", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/17/bin", "17.2", needed...)
			t.Setenv(FolderVariable, root+"/nowhere")
			return ""
		}, "", "", "ROOT/nowhere (from $QUORUMLAB_PG_BIN): no such folder. "},
		{"a mix", func(t *testing.T, root string) string {
			dir := folder(t, root+"/usr/lib/postgresql/16/bin", "16.4", needed...)
			folder(t, dir, "15.18", "pg_dump")
			return ""
		}, "", "", "/16/bin: a mix of versions: initdb is 16.4, pg_dump is 15.18. "},
		{"too old and too new", func(t *testing.T, root string) string {
			folder(t, root+"/usr/lib/postgresql/14/bin", "14.3", needed...)
			folder(t, root+"/usr/lib/postgresql/19/bin", "19beta1", needed...)
			return ""
		}, "", "", "ROOT/usr/lib/postgresql/19/bin: version 19beta1; ROOT/usr/lib/postgresql/14/bin: version 14.3. "},
		{"programs of something else", func(t *testing.T, root string) string {
			dir := folder(t, root+"/mine", "15.1", needed...)
			if err := os.WriteFile(dir+"/psql", []byte("#!/bin/sh\necho hello\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "", "", `ROOT/mine: psql --version says "hello". `},
		{"one that fails", func(t *testing.T, root string) string {
			dir := folder(t, root+"/mine", "15.1", needed...)
			if err := os.WriteFile(dir+"/initdb", []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "", "", "ROOT/mine: initdb --version: exit status 3. "},
		{"nothing at all", func(*testing.T, string) string { return "" },
			"", "", "there is no initdb in $PATH, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, "},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv(FolderVariable, "")
			t.Setenv("PATH", "/bin")
			p, err := find(t.Context(), test.make(t, root), root)
			if test.version == "" {
				want := "no usable PostgreSQL found: " + strings.ReplaceAll(test.err, "ROOT", root)
				if strings.HasPrefix(test.err, "/") {
					want = strings.ReplaceAll(test.err, "ROOT", root)
				}
				if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), want) {
					t.Errorf("the error is\n%v, want\n%s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Version != test.version || p.Dir != root+test.in || !strings.HasPrefix(p.Version, fmt.Sprint(p.Major)) {
				t.Errorf("found %+v, want version %s in %s", p, test.version, root+test.in)
			}
		})
	}
}

func TestWhatIsMissingSaysHowToInstallIt(t *testing.T) {
	_, err := find(t.Context(), "/nowhere", "/")
	if err == nil {
		t.Fatal("PostgreSQL is in /nowhere")
	}
	const want = ". Versions 15 to 18 work. To install one: `apt-get install postgresql` (Debian, Ubuntu), `dnf install " +
		"postgresql-server postgresql-contrib` (Fedora), `apk add postgresql17 postgresql17-contrib` (Alpine). If it is in " +
		"another folder, set $QUORUMLAB_PG_BIN to that folder. Your own databases are never touched: servers here are " +
		"private, in a temporary folder and without a TCP port"
	if !strings.HasSuffix(err.Error(), want) && runtime.GOOS != "darwin" {
		t.Errorf("the error is %v", err)
	}
	if said := installing("darwin"); said != "`brew install postgresql@17`" {
		t.Errorf("on macOS: %s", said)
	}
}

func TestFindStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := find(ctx, folder(t, t.TempDir(), "15.1", needed...), "/"); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestProgramThatIsNotThere(t *testing.T) {
	dir := folder(t, t.TempDir(), "15.1", needed...)
	p := Programs{Dir: dir}
	_, err := p.Path("pg_dum")
	want := "no usable PostgreSQL found: there is no pg_dum in " + dir + " (did you mean \"pg_dump\"?); some systems " +
		"have it in the package postgresql-contrib"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v", err)
	}
}

func TestCandidatesAreEachLookedAtOnce(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, root+"/usr/local/pgsql/bin", "15.1", needed...)
	t.Setenv("PATH", dir+":"+dir+":relative")
	if got := candidates(root); !slices.Equal(got, []string{dir}) {
		t.Errorf("they are %q", got)
	}
}
