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

	"quorumlab/internal/input"
	"quorumlab/internal/result"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// kept are files of a run's folder that a report does not make anew, beside the script: the picture of a
// failure that shrink leaves.
var kept = []string{"plots/failure.svg", "plots/failure.png"}

// Place is the place of what is left in out: the trace's own folder if that is in out, otherwise a folder in out that
// holds the same trace or does not exist yet. Other files in the folder stay.
func (s *Saved) Place(out string) result.Destination {
	path := s.place(out)
	_, err := os.Lstat(path)
	return result.Destination{Path: path, Kind: "run", Into: err == nil, Added: err == nil}
}

// Leave writes the wanted parts of the judged run to the place that Place names. Everything is written to a
// temporary folder first.
func (s *Saved) Leave(at *result.Taken, j *run.Judged, want []string, history bool) (dir string, err error) {
	if history && !hasOperations(s.trace) {
		history = false
		s.note("There is no history.html: there were no client operations.")
	}
	if len(want) == 0 && !history {
		return "", nil
	}
	return at.Path, at.Leave(func(tmp string) error {
		if err := s.writeParts(tmp, j, want); err != nil {
			return err
		}
		if at.Path != s.dir { // there it all is
			if err := s.copyParts(tmp, want); err != nil {
				return err
			}
		}
		if !history {
			return nil
		}
		return run.Create(filepath.Join(tmp, "history.html"), func(w io.Writer) error { return check.Visualize(s.trace, w) })
	})
}

// place is the folder for the run.
func (s *Saved) place(out string) string {
	if s.dir != "" && sameFile(s.parent(), out) {
		return s.dir
	}
	name := filepath.Join(out, run.FolderName(&s.trace.Scenario, s.trace.Engine))
	path := name
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || s.isTraceOf(path) {
			return path
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
	f, err := input.Open(path)
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
	f, err := input.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return run.Create(to, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}
