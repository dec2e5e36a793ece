package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"quorumlab/internal/text"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	testscript.Main(m, map[string]func(){"quorumlab": main})
}

// TestScripts runs the program from outside: one file of testdata/script for each
// thing that a user does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers":  answers,
			"appears":  appears,
			"sameline": sameLine,
			"takeport": takePort,
			"sametree": sameTree,
			"grows":    grows,
			"cut":      cutShort,
			"runjob":   runJob,
			"runarray": runArray,
			"toplines": topLines,
			"dropline": dropLine,
			"together": together,
			"harmless": harmless,

			"swaphalves": swapHalves,
		},
		Condition: conditions,
		Setup: func(e *testscript.Env) error {
			if cache, err := os.UserCacheDir(); err == nil {
				e.Setenv("USER_CACHE", cache) // has compiled modules
			}
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache")) // on every system but macOS and Windows
			e.Setenv("XDG_RUNTIME_DIR", "")
			return os.MkdirAll(e.Getenv("TMPDIR"), 0o755)
		},
	})
}

// appears waits until something matches each pattern; "! appears" demands that
// nothing does, now.
func appears(ts *testscript.TestScript, neg bool, args []string) {
	for _, pattern := range args {
		deadline := time.Now().Add(30 * time.Second)
		for {
			found, err := filepath.Glob(ts.MkAbs(pattern))
			ts.Check(err)
			if neg {
				if len(found) > 0 {
					ts.Fatalf("%q is still there", found)
				}
				break
			}
			if len(found) > 0 {
				break
			}
			if time.Now().After(deadline) {
				ts.Fatalf("%s never appeared", pattern)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
}

// answers waits until the sandbox of that name answers.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: answers NAME")
	}
	path := filepath.Join(ts.Getenv("HOME"), ".cache", "quorumlab", args[0]+".sock")
	deadline := time.Now().Add(30 * time.Second)
	for {
		c, err := net.Dial("unix", path)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never answered: %v", args[0], err)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// takePort listens on a port until the end of the script and puts its number into
// a variable.
func takePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: takeport VARIABLE")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ln.Close() })
	ts.Setenv(args[0], strconv.Itoa(ln.Addr().(*net.TCPAddr).Port))
}

// sameLine compares the first lines of two files that contain a word.
func sameLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sameline WORD FILE FILE")
	}
	var lines [2]string
	for i, file := range args[1:] {
		for line := range strings.Lines(ts.ReadFile(file)) {
			if strings.Contains(line, args[0]) {
				lines[i] = line
				break
			}
		}
	}
	if lines[0] == "" || lines[0] != lines[1] {
		ts.Fatalf("%q in %s, %q in %s", lines[0], args[1], lines[1], args[2])
	}
}

// grows waits until a file has a number of bytes at least.
func grows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: grows FILE BYTES")
	}
	want, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	for deadline := time.Now().Add(60 * time.Second); ; <-time.After(10 * time.Millisecond) {
		f, err := os.Stat(ts.MkAbs(args[0]))
		ts.Check(err)
		if f.Size() >= want {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s has %d bytes", args[0], f.Size())
		}
	}
}

// cutShort leaves the first bytes of a file, as a crash in the middle of a write does.
func cutShort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// topLines copies the first lines of a file.
func topLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: toplines N FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Join(lines[:n], "")), 0o666))
}

// dropLine copies a file without the first line that a pattern fits.
func dropLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: dropline PATTERN FROM TO")
	}
	lines := strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	i := slices.IndexFunc(lines, regexp.MustCompile(args[0]).MatchString)
	if i < 0 {
		ts.Fatalf("no line of %s fits %s", args[1], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Join(slices.Delete(lines, i, i+1), "")), 0o666))
}

// sameTree compares two folders byte by byte and names the first file that differs.
func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sametree DIR DIR")
	}
	a, b := readTree(ts, args[0]), readTree(ts, args[1])
	for name := range b {
		if _, ok := a[name]; !ok {
			ts.Fatalf("only in %s: %s", args[1], name)
		}
	}
	if len(a) == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
	for name, content := range a {
		if b[name] != content {
			ts.Fatalf("%s differs between %s and %s", name, args[0], args[1])
		}
	}
}

func readTree(ts *testscript.TestScript, dir string) map[string]string {
	root := ts.MkAbs(dir)
	tree := map[string]string{}
	ts.Check(filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		tree[rel] = string(content)
		return err
	}))
	return tree
}

// together runs a command in several processes at once. Each must do its work, or be refused (exit code 2) by an error
// that names another process; at least one does its work, and all that do print the same.
func together(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: together N COMMAND ARGUMENT...")
	}
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	cmds, outs, errs := make([]*exec.Cmd, n), make([]strings.Builder, n), make([]strings.Builder, n)
	for i := range cmds {
		c := exec.Command(path, args[2:]...)
		c.Dir, c.Env, c.Stdout, c.Stderr = ts.MkAbs("."), environ(ts), &outs[i], &errs[i]
		cmds[i] = c
		ts.Check(c.Start())
	}
	refused := regexp.MustCompile(`another process is writing it: process [0-9]+, `)
	done := ""
	for i, c := range cmds {
		c.Wait() // its exit code tells
		switch code := c.ProcessState.ExitCode(); {
		case code == 0 && (done == "" || outs[i].String() == done):
			done = outs[i].String()
		case code == 2 && refused.MatchString(errs[i].String()):
		default:
			ts.Fatalf("process %d ended with %d:\n%s%s", i+1, code, outs[i].String(), errs[i].String())
		}
	}
	if done == "" {
		ts.Fatalf("none of the %d did its work", n)
	}
}

// swapHalves swaps the first and the second half of the records of a sweep with one measure.
func swapHalves(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: swaphalves FILE")
	}
	const record = 16 // bytes, with one measure
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	if len(b)%record != 0 {
		ts.Fatalf("%s has %d bytes", args[0], len(b))
	}
	half := len(b) / record / 2 * record
	swapped := slices.Concat(b[len(b)-half:], b[half:len(b)-half], b[:half])
	ts.Check(os.WriteFile(path, swapped, 0o666))
}

// harmless finds nothing in files, and in what the last command wrote, that a terminal, a browser or a spreadsheet
// would obey; traces and other JSON have it escaped for programs.
func harmless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: harmless FILE...")
	}
	var names []string
	for _, a := range args {
		found, err := filepath.Glob(ts.MkAbs(a))
		if ts.Check(err); len(found) == 0 {
			found = []string{a} // stdout, or missing
		}
		names = append(names, found...)
	}
	for _, name := range names {
		content := ts.ReadFile(name)
		if i := strings.IndexFunc(content, text.Obeyed); i >= 0 {
			ts.Fatalf("%s holds %q", name, content[max(0, i-40):min(len(content), i+10)])
		}
		if ext := filepath.Ext(name); (ext == ".html" || ext == ".svg") && strings.Contains(content, "<script>alert") {
			ts.Fatalf("%s holds the script", name)
		}
		if strings.HasSuffix(name, ".csv") && regexp.MustCompile(`(?m)(^|,)"?[=@]`).MatchString(content) {
			ts.Fatalf("%s holds a formula", name)
		}
	}
}

// environ is the script's environment, as far as the program reads it.
func environ(ts *testscript.TestScript) (env []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}
