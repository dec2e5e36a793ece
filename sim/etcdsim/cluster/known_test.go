package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoOnWithOneThatWasJoining: a member that had been let in, and had not got so far as to have a log when
// its cluster ended, still has to ask the others who they are, and waits for them.
func TestGoOnWithOneThatWasJoining(t *testing.T) {
	dir := t.TempDir()
	c := start(t, 1, func(o *Options) { o.Dir, o.Later = dir, []string{"n2"} })
	cl, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "n2 is let in", func() bool { return c.AddLearner(t.Context(), cl, 2) == nil })
	cl.Close()
	known := c.Known()
	joining := c.Member(2).DataDir()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(joining, "member", "snap"), 0o700); err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: dir, Known: known, Seed: 1}
	quick(&o)
	c, err = New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n2 := c.Member(2)
	if err := n2.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "n2 finds nobody", func() bool {
		log, err := os.ReadFile(n2.logFile())
		return err == nil && strings.Contains(string(log), "cluster information")
	})
	if err := c.Member(1).Start(); err != nil {
		t.Fatal(err)
	}
	if err := n2.Started(contextFor(t)); err != nil {
		t.Error(err)
	}
}
