package result

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// markerName is the file in a result that says who made it.
const markerName = ".quorumlab"

// freshMarker is the marker until it is whole: a process that is killed while it writes leaves this one, never half of
// the other.
const freshMarker = markerName + ".new"

const (
	maker        = "quorumlab"
	markerFormat = 1
	mostMarker   = 16 << 20 // bytes
)

// marker is the content of the marker file (format 1).
type marker struct {
	Format int    `json:"format"`
	Maker  string `json:"made_by"`
	Kind   string `json:"kind"` // of the result
	// Files are the files written, by their paths with slashes, with the SHA-256 of their contents. Without a sum the
	// path is a pattern of path.Match, and the content is not known yet; or it is an empty folder, with a slash at
	// its end.
	Files map[string]string `json:"files"`
}

// readMarker reads the marker of a folder; nil: it has none of ours.
func readMarker(dir string) *marker {
	file := filepath.Join(dir, markerName)
	is, err := os.Lstat(file)
	if err != nil || !is.Mode().IsRegular() || is.Size() > mostMarker {
		return nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	m := &marker{}
	if json.Unmarshal(b, m) != nil || m.Maker != maker || m.Format != markerFormat {
		return nil
	}
	return m
}

// write writes the marker file into a folder.
func (m *marker) write(dir string) error {
	m.Format, m.Maker = markerFormat, maker
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	fresh := filepath.Join(dir, freshMarker)
	if err := os.WriteFile(fresh, append(b, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(fresh, filepath.Join(dir, markerName))
}

// isMarker reports whether a path in a result is that of its marker.
func isMarker(rel string) bool { return rel == markerName || rel == freshMarker }

// Mark writes the marker of a finished result, with all files that the folder has now.
func Mark(dir, kind string) error {
	files, err := sums(dir)
	if err != nil {
		return err
	}
	return (&marker{Kind: kind, Files: files}).write(dir)
}

// MarkUnfinished writes the marker of a result that is still being written, in place, and of which no more is known
// than what its files will be called, as patterns of path.Match.
func MarkUnfinished(dir, kind string, patterns []string) error {
	files := map[string]string{}
	for _, p := range patterns {
		files[p] = ""
	}
	return (&marker{Kind: kind, Files: files}).write(dir)
}

// sums are the sums of all files of a folder but its marker. A folder that is empty has none, and a slash at its end.
func sums(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == dir {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil || isMarker(rel) {
			return err
		}
		name := filepath.ToSlash(rel)
		if !d.IsDir() {
			files[name], err = sum(file)
			return err
		}
		list, err := os.ReadDir(file)
		if err == nil && len(list) == 0 {
			files[name+"/"] = ""
		}
		return err
	})
	return files, err
}

// sum is the SHA-256 of a file.
func sum(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// foreign finds the first thing in a folder that is not as the marker has it: why is for people, and empty if there
// is nothing.
func (m *marker) foreign(dir string) (why string, err error) {
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == dir {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil || isMarker(rel) {
			return err
		}
		name := filepath.ToSlash(rel)
		if d.IsDir() {
			if !m.has(name) {
				why = fmt.Sprintf("it holds the folder %s, which quorumlab did not make", name)
				return fs.SkipAll
			}
			return nil
		}
		if why, err = m.alters(file, name, d.Type()); why != "" {
			return fs.SkipAll
		}
		return err
	})
	return why, err
}

// has reports whether a folder of that name has something that was written.
func (m *marker) has(folder string) bool {
	depth := strings.Count(folder, "/") + 1
	for name, sum := range m.Files {
		parts := strings.Split(name, "/")
		if len(parts) <= depth {
			continue
		}
		up := strings.Join(parts[:depth], "/")
		if is, _ := path.Match(up, folder); up == folder || sum == "" && is {
			return true
		}
	}
	return false
}

// written is the sum of a file that was written, if it is known.
func (m *marker) written(name string) (sum string, listed bool) {
	if sum, listed = m.Files[name]; listed {
		return sum, true
	}
	for pattern, sum := range m.Files {
		if is, _ := path.Match(pattern, name); sum == "" && is {
			return "", true
		}
	}
	return "", false
}

// alters says why a file is not the one that was written under that name; empty: it is.
func (m *marker) alters(file, name string, mode fs.FileMode) (why string, err error) {
	want, listed := m.written(name)
	switch {
	case !listed:
		return fmt.Sprintf("it holds %s, which quorumlab did not write", name), nil
	case !mode.IsRegular():
		return fmt.Sprintf("%s in it is no longer a regular file", name), nil
	case want == "":
		return "", nil
	}
	is, err := sum(file)
	if err != nil || is == want {
		return "", err
	}
	return fmt.Sprintf("%s in it was changed since quorumlab wrote it", name), nil
}
