package main

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

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// dataFolder is a folder with the data of a sandbox that is kept. One sandbox at a
// time can have it.
type dataFolder struct {
	path  string
	lock  *fileutil.LockedFile
	empty bool // nothing is in it that is worth keeping
	manifest
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

// newDataFolder takes a folder that does not exist or is empty.
func newDataFolder(path string) (*dataFolder, error) {
	list, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{err: fmt.Errorf("--dir: %w", err)}
	}
	if len(list) > 0 {
		return nil, badUsage("quorumlab up --from "+path+" goes on with a sandbox's data", "--dir: %s is not empty", path)
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

// openDataFolder takes a folder that a sandbox has left. What it refuses it leaves
// as it is.
func openDataFolder(path string) (*dataFolder, error) {
	if _, err := os.Stat(filepath.Join(path, manifestName)); err != nil {
		return nil, usageError{fmt.Errorf("--from: %s holds no sandbox: %w", path, err), "quorumlab up --keep --dir makes one that does"}
	}
	d, err := lockDataFolder(path)
	if err != nil {
		return nil, err
	}
	if err := d.read(); err != nil {
		return nil, errors.Join(usageError{fmt.Errorf("--from: %s: %w", filepath.Join(path, manifestName), err), "nothing was changed"}, d.release())
	}
	return d, nil
}

func lockDataFolder(path string) (*dataFolder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	l, err := lockFile(filepath.Join(path, lockName))
	if errors.Is(err, fileutil.ErrLocked) {
		return nil, badUsage("", "%s is in use by another sandbox", path)
	}
	return &dataFolder{path: path, lock: l}, err
}

// release lets others have the folder, or removes it if no cluster has come of it.
func (d *dataFolder) release() error {
	err := unlock(d.lock)
	if d.empty {
		err = errors.Join(err, os.RemoveAll(d.path))
	}
	return err
}

// read reads the manifest and looks whether this program can go on from there.
func (d *dataFolder) read() error {
	b, err := os.ReadFile(filepath.Join(d.path, manifestName))
	if err != nil {
		return err
	}
	if err := d.parse(b); err != nil {
		return err
	}
	for _, m := range d.Members {
		if _, err := os.Stat(filepath.Join(d.path, m.Folder)); err != nil {
			return fmt.Errorf("the data of %s are missing: %w", m.Name, err)
		}
	}
	_, err = d.scenario(nil)
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
		return fmt.Errorf("data of format %d are not known here; this version takes format %d", head.Format, manifestFormat)
	}
	if err := json.Unmarshal(text, m); err != nil {
		return fmt.Errorf("the file is damaged: %w", err)
	}
	if minor(m.Etcd) != minor(etcdversion.Version) {
		return fmt.Errorf("the data are those of etcd %s; the members here are of etcd %s", m.Etcd, etcdversion.Version)
	}
	if len(m.Members) == 0 {
		return errors.New("the file is damaged: it names no member")
	}
	for _, k := range m.Members {
		if !filepath.IsLocal(k.Folder) {
			return fmt.Errorf("the file is damaged: the folder %q of %s is not below this one", k.Folder, k.Name)
		}
	}
	return nil
}

// minor is a version without its last number, which data do not depend on.
func minor(version string) string {
	i := strings.LastIndexByte(version, '.')
	return version[:max(i, 0)]
}

// scenario is the cluster as it goes on: with the members that it has now, and
// without the script that brought it there.
func (m *manifest) scenario(sets []string) (*sim.Scenario, error) {
	s, err := scenarios.ParseWith("scenario", []byte(m.Scenario), sets)
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
func (d *dataFolder) save(s *sim.Scenario, members []cluster.KnownMember) error {
	if len(members) == 0 {
		return nil // nothing is known yet, or no longer: what stands there is better
	}
	d.Format, d.Etcd, d.Members = manifestFormat, etcdversion.Version, members
	d.Scenario = string(scenarios.Format(s))
	b, err := indented(d.manifest)
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
