package folders

import (
	"os"
	"path/filepath"

	"quorumlab/internal/result"
	"quorumlab/plots/page"
	"quorumlab/sim/run"
)

// LeaveSite writes the files of a site to the place.
func LeaveSite(p *result.Taken, files []page.SiteFile) error {
	return run.Leave(p, run.FolderPart{Name: "site", Write: func(dir string) error {
		for _, f := range files {
			path := filepath.Join(dir, filepath.FromSlash(f.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return err
			}
			if err := os.WriteFile(path, f.Body, 0o666); err != nil {
				return err
			}
		}
		return nil
	}})
}
