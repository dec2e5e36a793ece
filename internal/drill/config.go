package drill

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"quorumlab/internal/text"
)

// RestoreConfig says what is restored, and what the result must be.
//
// It is about PostgreSQL (Backup) or about etcd (Etcd); the fields of the other are empty.
type RestoreConfig struct {
	Backup  string // the folder of a base backup, or a folder of such folders: then the newest
	Archive string // the folder of the WAL archive; empty: the backup has its WAL itself
	// BackupCommand and ArchiveCommand stand in for Backup and Archive: command lines of a shell that write a base backup
	// into the folder %d, and the WAL segment %f to the file %p. Timeout is how long each of them, and the replay with
	// ArchiveCommand, may take; 0: an hour.
	BackupCommand, ArchiveCommand string
	Timeout                       time.Duration
	Target                        string // recovery_target_time, with a time zone; empty: the end of the archive
	Queries                       []Query

	Etcd     string // the file of a snapshot, as etcdctl snapshot save makes it
	Revision int64  // that the store has at least
	Keys     []KnownKey
	Counts   []KnownCount

	// Goals; 0: none. RTO bounds what the restore takes, RPO how old the newest commit in it is.
	RTO, RPO time.Duration
}

// Query is a query whose answer is known.
type Query struct {
	Database, SQL, Answer string
}

// KnownKey is a key of etcd whose value is known.
type KnownKey struct{ Key, Value string }

// KnownCount is how many keys begin with a prefix.
type KnownCount struct {
	Prefix string
	Keys   int64
}

// Name is the query as reports have it.
func (q Query) Name() string { return q.Database + ": " + q.SQL }

// ParseError is a configuration that can't be read, with its place.
type ParseError struct {
	File         string
	Line, Column int // from 1
	Err          error
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap is what is wrong.
func (e *ParseError) Unwrap() error { return e.Err }

// setters take the value of a setting.
var setters = map[string]func(c *RestoreConfig, value string) error{
	"backup":         func(c *RestoreConfig, v string) error { return path(&c.Backup, v) },
	"archive":        func(c *RestoreConfig, v string) error { return path(&c.Archive, v) },
	"backup-command": func(c *RestoreConfig, v string) error { return shellLine(&c.BackupCommand, v, intoFolder) },
	"archive-command": func(c *RestoreConfig, v string) error {
		return shellLine(&c.ArchiveCommand, v, walName, walPath)
	},
	"timeout":  func(c *RestoreConfig, v string) error { return goal(&c.Timeout, v) },
	"target":   setTarget,
	"rto":      func(c *RestoreConfig, v string) error { return goal(&c.RTO, v) },
	"rpo":      func(c *RestoreConfig, v string) error { return goal(&c.RPO, v) },
	"query":    addQuery,
	"etcd":     func(c *RestoreConfig, v string) error { return path(&c.Etcd, v) },
	"revision": func(c *RestoreConfig, v string) error { return number(&c.Revision, v) },
	"key":      addKey,
	"keys":     addCount,
}

// Settings that may be given several times, and those of only one of the two databases.
var (
	several      = []string{"query", "key", "keys"}
	ofPostgreSQL = []string{"backup", "backup-command", "archive", "archive-command", "timeout", "target", "query"}
	ofEtcd       = []string{"etcd", "revision", "key", "keys"}
)

const (
	maxConfig = 64 << 10 // bytes
	example   = "backup = /backups/monday"
)

// Parse reads a configuration: a line NAME = VALUE for each setting. Empty lines, and lines that begin with #, are
// ignored. For PostgreSQL the names are backup, archive, target, and query, which may be given several times as
// DATABASE: SQL => ANSWER. For etcd they are etcd, revision, and several times key, as KEY => VALUE, and keys, as
// PREFIX => NUMBER. Instead of backup and archive there may be backup-command and archive-command, with timeout. Both
// databases have rto and rpo. Relative paths begin in the folder of the file. The error is a *ParseError.
func Parse(file string, content []byte) (*RestoreConfig, error) {
	c := &RestoreConfig{}
	if len(content) > maxConfig {
		return nil, &ParseError{file, 1, 1, fmt.Errorf("the file has %d bytes; the most is %d", len(content), maxConfig)}
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(string(content), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if t := strings.TrimSpace(line); t == "" || t[0] == '#' {
			continue
		}
		bad := func(at int, err error) error { return &ParseError{file, i + 1, len([]rune(line[:at])) + 1, err} }
		left, right, ok := strings.Cut(line, "=")
		name, value := strings.TrimSpace(left), strings.TrimSpace(right)
		at := strings.Index(line, strings.TrimSpace(line))
		set := setters[name]
		switch {
		case !ok:
			return nil, bad(at, errors.New("this is not a setting: write NAME = VALUE, as in "+example))
		case set == nil:
			names := settingNames()
			return nil, bad(at, fmt.Errorf("unknown setting %q%s; settings are %s", name, text.DidYouMean(name, names),
				strings.Join(names, ", ")))
		case seen[name] && !slices.Contains(several, name):
			return nil, bad(at, fmt.Errorf("%s is set twice", name))
		}
		if err := foreign(name, seen); err != nil {
			return nil, bad(at, err)
		}
		seen[name] = true
		if err := set(c, value); err != nil {
			at := len(left) + 1
			if value != "" {
				at += strings.Index(right, value)
			}
			return nil, bad(at, err)
		}
	}
	if c.Backup == "" && c.BackupCommand == "" && c.Etcd == "" {
		return nil, &ParseError{file, 1, 1, errors.New("there is no backup: write " + example + ", or etcd = FILE")}
	}
	for _, p := range []*string{&c.Backup, &c.Archive, &c.Etcd} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(file), *p)
		}
	}
	return c, nil
}

// foreign is the error of a setting after one that it does not go with: one of the other database, or the other way to
// name the same.
func foreign(name string, seen map[string]bool) error {
	for _, way := range []string{"backup", "archive"} {
		if name == way && seen[way+"-command"] || name == way+"-command" && seen[way] {
			return fmt.Errorf("%s and %[1]s-command do not go together: the one names a folder, the other fetches it", way)
		}
	}
	for _, pair := range [][2][]string{{ofPostgreSQL, ofEtcd}, {ofEtcd, ofPostgreSQL}} {
		if !slices.Contains(pair[0], name) {
			continue
		}
		for _, other := range pair[1] {
			if seen[other] {
				return fmt.Errorf("%s does not go with %s: a drill is of PostgreSQL or of etcd", name, other)
			}
		}
	}
	return nil
}

func settingNames() []string {
	var names []string
	for n := range setters {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func path(into *string, value string) error {
	if value == "" || strings.ContainsRune(value, 0) {
		return errors.New("this must be a path")
	}
	*into = value
	return nil
}

// shellLine is a command line, which must have some placeholders.
func shellLine(into *string, value string, placeholders ...string) error {
	for _, p := range placeholders {
		if !strings.Contains(value, p) {
			return fmt.Errorf("this must be a command with %s: %s", strings.Join(placeholders, " and "),
				"%d is the folder for the base backup; %f is the name of a segment, and %p the file to write it to")
		}
	}
	if strings.ContainsRune(value, 0) {
		return errors.New("this must be a command")
	}
	*into = value
	return nil
}

func goal(into *time.Duration, value string) (err error) {
	if *into, err = time.ParseDuration(value); err != nil || *into <= 0 {
		return fmt.Errorf("%q is not a duration: use a number and a unit, like 90s, 10m or 2h", value)
	}
	return nil
}

// targetLayouts are how a target may be written. It has a time zone, because the server and whoever writes it may be
// in different ones.
var targetLayouts = []string{"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05.999999Z07", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05.999999Z07:00", time.RFC3339Nano}

func setTarget(c *RestoreConfig, value string) error {
	for _, layout := range targetLayouts {
		if t, err := time.Parse(layout, value); err == nil {
			c.Target = t.UTC().Format("2006-01-02 15:04:05.999999+00")
			return nil
		}
	}
	return fmt.Errorf("%q is not a time with a time zone: write it like 2026-11-29 09:30:00+01", value)
}

func addQuery(c *RestoreConfig, value string) error {
	database, rest, ok := strings.Cut(value, ":")
	at := strings.LastIndex(rest, "=>")
	if !ok || at < 0 || strings.TrimSpace(database) == "" || strings.TrimSpace(rest[:at]) == "" {
		return errors.New("a query is written DATABASE: SQL => ANSWER, as in shop: select count(*) from orders => 1200")
	}
	c.Queries = append(c.Queries, Query{strings.TrimSpace(database), strings.TrimSpace(rest[:at]),
		strings.TrimSpace(rest[at+2:])})
	return nil
}

func number(into *int64, value string) (err error) {
	if *into, err = strconv.ParseInt(value, 10, 64); err != nil || *into < 0 {
		return fmt.Errorf("%q is not a whole number", value)
	}
	return nil
}

// cutKnown splits WHAT => ANSWER.
func cutKnown(value, usage string) (what, answer string, err error) {
	at := strings.LastIndex(value, "=>")
	if at < 0 || strings.TrimSpace(value[:at]) == "" {
		return "", "", errors.New("this is written " + usage)
	}
	return strings.TrimSpace(value[:at]), strings.TrimSpace(value[at+2:]), nil
}

func addKey(c *RestoreConfig, value string) error {
	key, answer, err := cutKnown(value, "KEY => VALUE, as in /config/mode => live")
	if err == nil {
		c.Keys = append(c.Keys, KnownKey{key, answer})
	}
	return err
}

func addCount(c *RestoreConfig, value string) error {
	prefix, answer, err := cutKnown(value, "PREFIX => NUMBER, as in /registry/pods/ => 120")
	if err != nil {
		return err
	}
	n := KnownCount{Prefix: prefix}
	if err := number(&n.Keys, answer); err != nil {
		return err
	}
	c.Counts = append(c.Counts, n)
	return nil
}
