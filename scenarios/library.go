package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"quorumlab/internal/input"
	"quorumlab/internal/text"
	"quorumlab/sim"
)

//go:embed *.yaml
var files embed.FS

// Entry is a scenario of the library.
type Entry struct {
	Name string // without .yaml
	Text []byte // the file, with its comments
}

// Scenario reads the entry, with settings as in [ParseWith].
func (e Entry) Scenario(sets ...string) (*sim.Scenario, error) {
	return ParseWith(e.Name+".yaml", e.Text, sets)
}

// Library lists the scenarios that are part of the program, by name.
func Library() []Entry {
	list, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the files are in the program
	}
	var es []Entry
	for _, f := range list {
		source, err := files.ReadFile(f.Name())
		if err != nil {
			panic(err)
		}
		es = append(es, Entry{strings.TrimSuffix(f.Name(), ".yaml"), source})
	}
	// the folder sorts by name and .yaml
	slices.SortFunc(es, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return es
}

// Load reads a scenario of the library by its name, or a file, which has a slash or
// .yaml in its name; with settings as in [ParseWith].
func Load(nameOrPath string, sets ...string) (*sim.Scenario, error) {
	name, source, err := Open(nameOrPath)
	if err != nil {
		return nil, err
	}
	return ParseWith(name, source, sets)
}

// Open returns the name of the file that Load reads, and its text.
func Open(nameOrPath string) (name string, source []byte, err error) {
	if strings.HasSuffix(nameOrPath, ".yaml") || strings.ContainsAny(nameOrPath, `/\`) {
		source, err := input.Read(nameOrPath, input.MostText)
		if errors.Is(err, fs.ErrNotExist) {
			return nameOrPath, nil, missingFile{nameOrPath, err}
		}
		return nameOrPath, source, err
	}
	var names []string
	for _, e := range Library() {
		if e.Name == nameOrPath {
			return e.Name + ".yaml", e.Text, nil
		}
		names = append(names, e.Name)
	}
	return "", nil, fmt.Errorf("unknown scenario %q%s", nameOrPath, text.DidYouMeanOr(nameOrPath, names,
		"quorumlab list scenarios shows the library, and a file's name ends in .yaml"))
}

// missingFile says in our words that there is no such file; err is the system's error.
type missingFile struct {
	name string
	err  error
}

func (m missingFile) Error() string { return m.name + ": there is no such file" }

func (m missingFile) Unwrap() error { return m.err }
