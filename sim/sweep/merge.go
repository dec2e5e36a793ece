package sweep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"quorumlab/internal/input"
	"quorumlab/sim/run"
)

// shard is one of the folders that are merged.
type shard struct {
	dir    string
	design *Design
	file   *os.File
}

// Merge merges the shards of a sweep, in any order, into the work of the whole in out, which then has all its
// records. All must be from the same version of the program. Errors in what was given, like a shard that
// is missing, unfinished or of another sweep, are run.InputErrors; after them nothing is left.
//
// trials makes the trials of the whole.
func Merge(out string, dirs []string, version string, how Opening, trials func(*Design) (*Trials, error)) (*Work,
	*Trials, error) {
	shards, err := openShards(shardsIn(dirs), version)
	defer func() {
		for _, s := range shards {
			s.file.Close() // it was only read
		}
	}()
	if err != nil {
		return nil, nil, err
	}
	design := *shards[0].design
	design.Shard, design.Shards = 1, 1
	ts, err := trials(&design)
	if err != nil {
		return nil, nil, err
	}
	w, err := OpenWork(out, &design, how)
	if err != nil {
		return nil, nil, err
	}
	if err := w.join(shards); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	return w, ts, nil
}

// shardName ends the name of a shard's folder.
var shardName = regexp.MustCompile(`-sweep-[0-9]+of[0-9]+$`)

// shardsIn names the shards' folders: one that is none itself but has some in it, like the folder that --out named,
// stands for those.
func shardsIn(dirs []string) (found []string) {
	for _, dir := range dirs {
		var inside []string
		if _, err := os.Stat(filepath.Join(dir, designFile)); err != nil {
			list, _ := os.ReadDir(dir) // whoever opens it will tell why not
			for _, d := range list {
				if d.IsDir() && shardName.MatchString(d.Name()) {
					inside = append(inside, filepath.Join(dir, d.Name()))
				}
			}
		}
		if len(inside) == 0 {
			inside = []string{dir}
		}
		found = append(found, inside...)
	}
	return found
}

// openShards opens the folders and checks that they are all the shards of one sweep,
// each once and complete. It returns them in order, including those opened before an
// error.
func openShards(dirs []string, version string) (opened []shard, err error) {
	if len(dirs) == 0 {
		return nil, run.BadInput("", "no shards given: name their folders, like out/figure-16-sweep-*of4")
	}
	byNumber := map[int]shard{}
	var first *shard
	for _, dir := range dirs {
		s, err := openShard(dir, version)
		if s.file != nil {
			opened = append(opened, s)
		}
		if err != nil {
			return opened, &run.InputError{Err: err, Hint: "nothing was merged"}
		}
		if first == nil {
			first = &s
		}
		if err := first.design.SameSweep(s.design); err != nil {
			return opened, run.BadInput("nothing was merged", "%s can't be merged with %s: %w", dir, first.dir, err)
		}
		if other, ok := byNumber[s.design.Shard]; ok {
			return opened, run.BadInput("nothing was merged", "%s and %s are both shard %d", other.dir, dir, s.design.Shard)
		}
		byNumber[s.design.Shard] = s
	}
	inOrder := make([]shard, first.design.Shards)
	for i := range inOrder {
		s, ok := byNumber[i+1]
		if !ok {
			return opened, run.BadInput("nothing was merged", "shard %d of %d is missing", i+1, len(inOrder))
		}
		inOrder[i] = s
	}
	return inOrder, nil
}

func openShard(dir, version string) (shard, error) {
	p, err := readDesign(dir)
	var path *fs.PathError
	if errors.As(err, &path) {
		return shard{}, fmt.Errorf("%s is not the folder of a sweep: it has no %s", dir, designFile)
	}
	if err != nil {
		return shard{}, fmt.Errorf("%s: %w", dir, err)
	}
	if p.Version != version {
		return shard{}, fmt.Errorf("%s was made by version %s; this is %s, and may run a seed differently", dir,
			p.Version, version)
	}
	f, err := input.Open(filepath.Join(dir, recordsFile))
	if err != nil {
		return shard{}, err
	}
	s := shard{dir, p, f}
	missing, err := NewRecords(p, f).Missing()
	if err == nil && missing > 0 {
		err = fmt.Errorf("%s is not finished: %d of %s are missing, or have a record that is not theirs; run its command "+
			"again with --resume", dir, missing, counted(p.Own()))
	}
	return s, err
}

// join copies the shards' records to their places in the whole.
func (w *Work) join(shards []shard) error {
	for _, s := range shards {
		var buf []byte
		err := NewRecords(s.design, s.file).Each(0, s.design.Own(), func(place int, r *Record) error {
			at := s.design.number(place)
			buf = w.code.Append(buf[:0], at, *r)
			_, err := w.file.WriteAt(buf, int64(at)*int64(w.design.RecordSize()))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.dir, err)
		}
	}
	return nil
}

func counted(trials int) string {
	if trials == 1 {
		return "1 trial"
	}
	return fmt.Sprintf("%d trials", trials)
}
