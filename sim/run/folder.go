package run

import (
	"fmt"
	"io"
	"os"

	"quorumlab/internal/result"
	"quorumlab/sim"
)

// FolderPart is something that a run leaves in its folder.
type FolderPart struct {
	Name  string                 // for people: summary, trace, plots, report, ...
	Write func(dir string) error // writes files or folders into dir, which exists
}

// FolderName is the name of the folder that a run of a scenario leaves: NAME-ENGINE-seedN.
func FolderName(s *sim.Scenario, engine string) string {
	return fmt.Sprintf("%s-%s-seed%d", s.Name, engine, s.Seed)
}

// Leave writes the parts in order, so that a later one may use an earlier one, as the result at a place: whole, or not
// at all. Errors are those of the parts and of the place.
func Leave(p *result.Taken, parts ...FolderPart) error {
	return p.Leave(func(tmp string) error { return WriteParts(tmp, parts...) })
}

// WriteParts writes the parts in order into a folder.
func WriteParts(dir string, parts ...FolderPart) error {
	for _, p := range parts {
		if err := p.Write(dir); err != nil {
			return err
		}
	}
	return nil
}

// Create writes a file through fill, and also reports the error of closing it.
func Create(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
