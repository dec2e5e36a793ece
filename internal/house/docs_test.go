package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// named is a path in a page: a file with a name of its own, or a folder.
var named = regexp.MustCompile("`((?:cmd|docs|internal|lessons|plots|scenarios|sim)/[a-z0-9_./-]*)`")

// What tells people where things are names what is there. Names in capitals stand for any.
func TestPagesNameFilesThatThereAre(t *testing.T) {
	for _, page := range []string{"CONTRIBUTING.md", "docs/internals/architecture.md", "docs/internals/testing.md"} {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		paths := named.FindAllSubmatch(text, -1)
		if len(paths) == 0 {
			t.Errorf("%s names no file", page)
		}
		for _, m := range paths {
			if _, err := os.Stat(filepath.Join(root, string(m[1]))); err != nil {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
}
