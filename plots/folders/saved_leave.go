package folders

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"quorumlab/internal/guard"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// kept are files of a run's folder that a report does not make anew, beside the script: the picture of a
// failure that shrink leaves.
var kept = []string{"plots/failure.svg", "plots/failure.png"}

// Leave writes the wanted parts of the judged run: into the trace's own folder if that is in out, otherwise
// into a folder in out that holds the same trace or does not exist yet. Everything is written to a
// temporary folder first. Other files in the folder stay.
func (s *Saved) Leave(j *run.Judged, out string, want []string, history bool) (dir string, err error) {
	if history && !hasOperations(s.trace) {
		history = false
		s.note("There is no history.html: there were no client operations.")
	}
	if len(want) == 0 && !history {
		return "", nil
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	into, err := s.place(out)
	if err != nil {
		return "", err
	}
	tmp, remove, err := guard.TempDir(out, ".writing-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	if err := s.writeParts(tmp, j, want); err != nil {
		return "", err
	}
	if into != s.dir { // there it all is
		if err := s.copyParts(tmp, want); err != nil {
			return "", err
		}
	}
	if history {
		err := run.Create(filepath.Join(tmp, "history.html"), func(w io.Writer) error { return check.Visualize(s.trace, w) })
		if err != nil {
			return "", err
		}
	}
	return into, moveInto(tmp, into)
}

// place is the folder for the run.
func (s *Saved) place(out string) (string, error) {
	if s.dir != "" && sameFile(s.parent(), out) {
		return s.dir, nil
	}
	name := filepath.Join(out, run.FolderName(&s.trace.Scenario, s.trace.Engine))
	path := name
	for n := 2; ; n++ {
		if err := run.Recover(path); err != nil {
			return "", err
		}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || s.isTraceOf(path) {
			return path, nil
		}
		path = fmt.Sprintf("%s-%d", name, n)
	}
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// isTraceOf reports whether a run's folder holds the same trace.
func (s *Saved) isTraceOf(dir string) bool {
	path := filepath.Join(dir, traceName)
	if !isFile(path) {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return err == nil && [sha256.Size]byte(sum.Sum(nil)) == s.sum
}

// writeParts makes the wanted parts anew. The trace is copied, unless nobody has its file.
func (s *Saved) writeParts(dir string, j *run.Judged, want []string) error {
	if s.path != "" {
		want = slices.DeleteFunc(slices.Clone(want), func(part string) bool { return part == "trace" })
	}
	r := RunFolder{Judged: j, Others: s.others, Script: s.script}
	for _, part := range r.made(want) {
		if err := part.Write(dir); err != nil {
			return err
		}
	}
	return nil
}

// copyParts copies what is not made anew.
func (s *Saved) copyParts(dir string, want []string) error {
	copies := map[string]string{} // from, to
	if s.path != "" && slices.Contains(want, "trace") {
		copies[s.path] = traceName
	}
	if s.script != "" {
		copies[filepath.Join(s.dir, s.script)] = s.script
	}
	for _, name := range kept {
		from := filepath.Join(s.dir, filepath.FromSlash(name))
		if s.dir != "" && slices.Contains(want, "plots") && isFile(from) {
			copies[from] = filepath.FromSlash(name)
		}
	}
	for from, to := range copies {
		if err := copyFile(filepath.Join(dir, to), from); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return run.Create(to, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}

// moveInto gives the folder tmp the name dir; if there is one already, it gets tmp's files one by one,
// and keeps its others.
func moveInto(tmp, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(tmp, dir)
	}
	return filepath.WalkDir(tmp, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(tmp, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(dir, rel), 0o777)
		}
		return os.Rename(path, filepath.Join(dir, rel))
	})
}
