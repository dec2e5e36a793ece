package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"quorumlab/lessons"
)

// TestDocsLinkTheLessons holds that each chapter is a row of the table on lessons.
func TestDocsLinkTheLessons(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(manual, "lessons.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lessons.All() {
		if l.ID == "0.1" {
			continue // these tests' own
		}
		row := fmt.Sprintf("| [%s %s](../lessons/%s/text.md) | %s |\n", l.ID, l.Title, l.Folder(), l.About)
		if !bytes.Contains(text, []byte(row)) {
			t.Errorf("docs/lessons.md lacks\n%s", row)
		}
	}
}
