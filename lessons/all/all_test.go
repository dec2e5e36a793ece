package all

import (
	"bytes"
	"os"
	"testing"

	"quorumlab/lessons"
	"quorumlab/lessons/all/folders"
)

// TestEveryFolderIsListed holds that a new lesson is a new folder and go generate, and that
// its folder has its name.
func TestEveryFolderIsListed(t *testing.T) {
	names, err := folders.Lessons("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("list.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, folders.List(names)) {
		t.Errorf("list.go is not what the folders are: go generate ./lessons/all")
	}
	Register()
	all := lessons.All()
	if len(all) != len(names) {
		t.Errorf("%d folders hold %d lessons", len(names), len(all))
	}
	for i, l := range all {
		if i < len(names) && l.Folder() != names[i] {
			t.Errorf("the lesson %s is in the folder %s", l.Folder(), names[i])
		}
	}
}
