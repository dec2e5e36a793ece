package overlay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Planted is a bug that is planted in a module of others: some text of a file, which is there once, becomes another.
type Planted struct {
	Name   string
	About  string
	Module string
	path   string // in the module
	old    string
	new    string
}

// plant changes a copy of the module.
func (b *Planted) plant(dir string) error {
	at := filepath.Join(dir, filepath.FromSlash(b.path))
	text, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), b.old); n != 1 {
		return fmt.Errorf("the bug %s: what it changes is %d times in %s of %s, not once", b.Name, n, b.path, b.Module)
	}
	return os.WriteFile(at, []byte(strings.Replace(string(text), b.old, b.new, 1)), 0o666)
}
