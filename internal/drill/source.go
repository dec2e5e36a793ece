package drill

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"quorumlab/internal/input"
	"quorumlab/internal/postgres"
)

// notABackup is why something can't be restored.
func notABackup(path, format string, args ...any) error {
	return fmt.Errorf("%s is not a base backup that can be restored: %w", path, fmt.Errorf(format, args...))
}

// newest is the folder to restore: the path itself if it is a base backup, or else the newest base backup in it, by the
// time in its backup_label.
func newest(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", notABackup(path, "%s", whatFile(path))
	}
	if isBackup(path) {
		return path, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	best, when := "", ""
	for _, e := range entries {
		if sub := filepath.Join(path, e.Name()); e.IsDir() && isBackup(sub) {
			if t := startTime(sub); best == "" || t > when {
				best, when = sub, t
			}
		}
	}
	if best == "" {
		for _, e := range entries {
			if why := whatFile(filepath.Join(path, e.Name())); !e.IsDir() && strings.HasPrefix(e.Name(), "base.tar") {
				return "", notABackup(path, "%s", why)
			}
		}
		return "", notABackup(path, "there is no PG_VERSION in it, nor a folder with one")
	}
	return best, nil
}

func isBackup(path string) bool {
	_, err := os.Stat(filepath.Join(path, "PG_VERSION"))
	return err == nil
}

// magic are the first bytes of files that people take for base backups.
var magic = []struct{ bytes, is string }{
	{"PGDMP", "it is a dump by pg_dump, which pg_restore restores"},
	{"\x1f\x8b", "it is compressed: unpack it into a folder first (tar -xzf)"},
	{"\x28\xb5\x2f\xfd", "it is compressed with zstd: unpack it into a folder first"},
	{"\x04\x22\x4d\x18", "it is compressed with lz4: unpack it into a folder first"},
	{"age-encryption.org/", "it is encrypted with age: decrypt and unpack it first"},
	{"-----BEGIN PGP MESSAGE", "it is encrypted with OpenPGP: decrypt and unpack it first"},
	{"\x85\x02", "it is encrypted with OpenPGP: decrypt and unpack it first"},
	{"Salted__", "it is encrypted with openssl: decrypt and unpack it first"},
}

// whatFile is why a file is not a base backup.
func whatFile(path string) string {
	const head, tarMagicAt = 512, 257
	f, err := input.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	b := make([]byte, head)
	n, err := io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err.Error()
	}
	b = b[:n]
	for _, m := range magic {
		if bytes.HasPrefix(b, []byte(m.bytes)) {
			return m.is
		}
	}
	switch {
	case n == 0:
		return "it is an empty file"
	case n > tarMagicAt && bytes.HasPrefix(b[tarMagicAt:], []byte("ustar")):
		return "it is a tar archive: unpack it into a folder first (tar -xf)"
	}
	return "it is a file, and a base backup is a folder"
}

var (
	labelTime  = regexp.MustCompile(`(?m)^START TIME: (.+)$`)
	labelStart = regexp.MustCompile(`(?m)^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$`)
)

func label(backup string) string {
	b, err := input.Read(filepath.Join(backup, "backup_label"), input.MostText)
	if err != nil {
		return ""
	}
	return string(b)
}

func startTime(backup string) string {
	if m := labelTime.FindStringSubmatch(label(backup)); m != nil {
		return m[1]
	}
	return ""
}

// examine checks what can be known of a backup without restoring it. It returns the segment that its WAL starts with.
func examine(backup string, major int) (start string, err error) {
	b, err := input.Read(filepath.Join(backup, "PG_VERSION"), input.MostText)
	if err != nil {
		return "", err
	}
	if v := strings.TrimSpace(string(b)); v != strconv.Itoa(major) {
		return "", notABackup(backup, "it is of PostgreSQL %.20s, and the programs here are of %d: a base backup is "+
			"restored by "+
			"its own version; $%s or --programs names their folder", v, major, postgres.FolderVariable)
	}
	m := labelStart.FindStringSubmatch(label(backup))
	if m == nil {
		return "", notABackup(backup, "it has no backup_label that can be read: was it made by copying files, or has it "+
			"been "+
			"started already?")
	}
	links, err := filepath.Glob(filepath.Join(backup, "pg_tblspc", "*"))
	if err != nil {
		return "", err
	}
	if len(links) > 0 {
		return "", notABackup(backup, "it has tablespaces, and a server on a copy would write to the original ones")
	}
	return m[1], nil
}

// copyTree copies a folder to one that does not exist yet. Errors name the file.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.Mkdir(target, 0o700)
		case !d.Type().IsRegular():
			return notABackup(from, "%s is neither a file nor a folder", rel)
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = io.Copy(w, r)
	return err
}

// gap is the first segment that an archive lacks between a backup's first one and the archive's last one of the same
// timeline; empty: none.
func gap(a postgres.Archive, start string) (missing string, err error) {
	names, err := a.Segments()
	if err != nil {
		return "", err
	}
	const timeline = 8
	var same []string
	for _, n := range names {
		if n >= start && n[:timeline] == start[:timeline] {
			same = append(same, n)
		}
	}
	if len(same) == 0 {
		return start, nil
	}
	size, err := segmentSize(filepath.Join(a.Dir, same[0]))
	if err != nil {
		return "", err
	}
	perLog := (uint64(1) << 32) / size
	for i, next := 0, start; i < len(same); i++ {
		if same[i] != next {
			return next, nil
		}
		if next, err = following(next, perLog); err != nil {
			return "", err
		}
	}
	return "", nil
}

func segmentSize(path string) (uint64, error) {
	const least, most = 1 << 20, 1 << 30
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if size < least || size > most || size&(size-1) != 0 {
		return 0, fmt.Errorf("%s has %d bytes, which is not the size of a segment: is it compressed, or half copied?", path,
			size)
	}
	return uint64(size), nil
}

// following is the name of the segment after another one.
func following(name string, perLog uint64) (string, error) {
	const digits = 8
	log, err1 := strconv.ParseUint(name[digits:2*digits], 16, 64)
	segment, err2 := strconv.ParseUint(name[2*digits:], 16, 64)
	n := log*perLog + segment + 1
	return fmt.Sprintf("%s%08X%08X", name[:digits], n/perLog, n%perLog), errors.Join(err1, err2)
}
