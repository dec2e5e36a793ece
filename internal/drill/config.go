package drill

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/text"
)

// RestoreConfig says what is restored, and what the result must be.
type RestoreConfig struct {
	Backup  string // the folder of a base backup, or a folder of such folders: then the newest
	Archive string // the folder of the WAL archive; empty: the backup has its WAL itself
	Target  string // recovery_target_time, with a time zone; empty: the end of the archive
	// Goals; 0: none. RTO bounds what the restore takes, RPO how old the newest commit in it is.
	RTO, RPO time.Duration
	Queries  []Query
}

// Query is a query whose answer is known.
type Query struct {
	Database, SQL, Answer string
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
	"backup":  func(c *RestoreConfig, v string) error { return folder(&c.Backup, v) },
	"archive": func(c *RestoreConfig, v string) error { return folder(&c.Archive, v) },
	"target":  setTarget,
	"rto":     func(c *RestoreConfig, v string) error { return goal(&c.RTO, v) },
	"rpo":     func(c *RestoreConfig, v string) error { return goal(&c.RPO, v) },
	"query":   addQuery,
}

const (
	maxConfig = 64 << 10 // bytes
	example   = "backup = /backups/monday"
)

// Parse reads a configuration: a line NAME = VALUE for each setting. Empty lines, and lines that begin with #, are
// ignored. Names are backup, archive, target, rto, rpo, and query, which may be given several times as DATABASE: SQL =>
// ANSWER. Relative paths begin in the folder of the file. The error is a *ParseError.
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
		case seen[name] && name != "query":
			return nil, bad(at, fmt.Errorf("%s is set twice", name))
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
	if c.Backup == "" {
		return nil, &ParseError{file, 1, 1, errors.New("there is no backup: write " + example)}
	}
	for _, path := range []*string{&c.Backup, &c.Archive} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(file), *path)
		}
	}
	return c, nil
}

func settingNames() []string {
	var names []string
	for n := range setters {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func folder(into *string, value string) error {
	if value == "" || strings.ContainsRune(value, 0) {
		return errors.New("this must be the path of a folder")
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
