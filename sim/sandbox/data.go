package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	etcdversion "go.etcd.io/etcd/api/v3/version"
	"go.etcd.io/etcd/client/pkg/v3/fileutil"

	"quorumlab/internal/input"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/run"
)

// DataFolder is a folder with the data that a sandbox keeps. One sandbox at a time
// can use it.
type DataFolder struct {
	path  string
	lock  *fileutil.LockedFile
	empty bool // it holds nothing worth keeping
	is    manifest
}

// manifest is the file in a data folder that says what the data are (format 1).
type manifest struct {
	Format   int                   `json:"format"`
	Etcd     string                `json:"etcd"`     // its version
	Session  int                   `json:"session"`  // how many sandboxes have had the data so far
	Scenario string                `json:"scenario"` // the cluster at the start of the last one, and its load, in YAML
	Members  []cluster.KnownMember `json:"members"`
}

const (
	manifestName   = "sandbox.json"
	manifestFormat = 1
	lockName       = "sandbox.lock"
)

// NewData takes a folder that does not exist or is empty; Release it. Errors: a
// run.InputError for an unusable path and, with ErrNotEmpty or ErrInUse, for a folder that is
// taken; those of the system.
func NewData(path string) (*DataFolder, error) {
	list, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &run.InputError{Err: err}
	}
	if len(list) > 0 {
		return nil, run.BadInput("", "%s %w", path, ErrNotEmpty)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	d, err := lockDataFolder(path)
	if err == nil {
		d.empty = true
	}
	return d, err
}

// OpenData takes a folder that a sandbox has left; Release it. What it refuses it leaves
// as it is. Errors: a run.InputError for a folder that can't be gone on with, with ErrNoData
// or ErrInUse where that is why; those of the system.
func OpenData(path string) (*DataFolder, error) {
	if _, err := os.Stat(filepath.Join(path, manifestName)); err != nil {
		return nil, run.BadInput("", "%s %w: %w", path, ErrNoData, err)
	}
	d, err := lockDataFolder(path)
	if err != nil {
		return nil, err
	}
	if err := noLinks(path); err != nil {
		return nil, errors.Join(run.BadInput("", "%s: %w", path, err), d.Release())
	}
	if err := d.read(); err != nil {
		return nil, errors.Join(run.BadInput("", "%s: %w", filepath.Join(path, manifestName), err), d.Release())
	}
	return d, nil
}

// noLinks reports what in a folder leads out of it, or is no file: members would write there.
func noLinks(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir || d.IsDir() || d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s in it is a symbolic link, and no link is followed out of the folder", filepath.ToSlash(name))
		}
		return fmt.Errorf("%s in it is neither a file nor a folder", filepath.ToSlash(name))
	})
}

func lockDataFolder(path string) (*DataFolder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(path, lockName)
	if is, err := os.Lstat(file); err == nil && !is.Mode().IsRegular() {
		return nil, run.BadInput("", "%s is not a regular file", file)
	}
	l, err := lockFile(file)
	if errors.Is(err, fileutil.ErrLocked) {
		return nil, run.BadInput("", "%s %w", path, ErrInUse)
	}
	return &DataFolder{path: path, lock: l}, err
}

// Release lets others use the folder, or removes it if no cluster was started in it.
func (d *DataFolder) Release() error {
	err := unlock(d.lock)
	if d.empty {
		err = errors.Join(err, os.RemoveAll(d.path))
	}
	return err
}

// read reads the manifest and checks whether this program can resume from it.
func (d *DataFolder) read() error {
	b, err := input.Read(filepath.Join(d.path, manifestName), input.MostText)
	if err != nil {
		return err
	}
	if err := d.is.parse(b); err != nil {
		return err
	}
	for _, m := range d.is.Members {
		if _, err := os.Stat(filepath.Join(d.path, m.Folder)); err != nil {
			return fmt.Errorf("the data of %s are missing: %w", m.Name, err)
		}
	}
	_, err = d.is.scenario(nil)
	return err
}

// parse reads the text of a manifest.
func (m *manifest) parse(text []byte) error {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("the file is damaged: %w", err)
	}
	if head.Format != manifestFormat {
		return fmt.Errorf("unknown data format %d; this version takes format %d", head.Format, manifestFormat)
	}
	if err := json.Unmarshal(text, m); err != nil {
		return fmt.Errorf("the file is damaged: %w", err)
	}
	if minor(m.Etcd) != minor(etcdversion.Version) {
		return fmt.Errorf("the data were written by etcd %s; the members here run etcd %s", m.Etcd, etcdversion.Version)
	}
	if len(m.Members) == 0 {
		return errors.New("the file is damaged: it names no member")
	}
	for _, k := range m.Members {
		if !filepath.IsLocal(k.Folder) {
			return fmt.Errorf("the file is damaged: the folder %q of %s is not inside this one", k.Folder, k.Name)
		}
	}
	return nil
}

// minor is a version without its last number, which data do not depend on.
func minor(version string) string {
	i := strings.LastIndexByte(version, '.')
	return version[:max(i, 0)]
}

// Scenario is the cluster to resume: with the members that it has now, and without the
// script that led there. Settings are like "cluster.election=500ms"; the errors are those of
// the settings. It must not be called on the data of a sandbox that has not started yet.
func (d *DataFolder) Scenario(settings ...string) (*sim.Scenario, error) {
	return d.is.scenario(settings)
}

func (m *manifest) scenario(settings []string) (*sim.Scenario, error) {
	s, err := scenarios.ParseWith("scenario", []byte(m.Scenario), settings)
	if err != nil {
		return nil, err
	}
	zones := map[string]string{}
	for _, spec := range s.Cluster.Members {
		zones[spec.Name] = spec.Zone
	}
	s.Steps, s.Cluster.Members = nil, nil
	for _, k := range m.Members {
		spec := sim.MemberSpec{Name: k.Name, Zone: zones[k.Name], Role: sim.Follower}
		if k.Learner {
			spec.Role = sim.Learner
		}
		s.Cluster.Members = append(s.Cluster.Members, spec)
	}
	return s, nil
}

// save writes the manifest of a cluster as it is now, whole or not at all.
func (d *DataFolder) save(s *sim.Scenario, members []cluster.KnownMember) error {
	if len(members) == 0 {
		return nil // nothing is known yet, or no longer: what is there is better
	}
	d.is.Format, d.is.Etcd, d.is.Members = manifestFormat, etcdversion.Version, members
	d.is.Scenario = string(scenarios.Format(s))
	b, err := run.Indented(d.is)
	if err != nil {
		return err
	}
	path := filepath.Join(d.path, manifestName)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	d.empty = false
	return os.Rename(path+".new", path)
}
