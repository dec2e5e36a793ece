package archivecommand

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// settingsJudge judges an archive_command and a restore_command by running them as a server does.
var settingsJudge = lessons.JudgeFunc(func(ctx context.Context, env *lessons.Env, name string, answer []byte) (
	ms []lessons.Mark, err error) {
	commands, err := readCommands(name, answer)
	if err != nil {
		return nil, err
	}
	return ms, pg.InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		w, err := newYard(h, commands)
		if err != nil {
			return err
		}
		ms, err = w.judge(ctx)
		return err
	})
})

var settingNames = []string{"archive_command", "restore_command"}

var settingLine = regexp.MustCompile(`^\s*([a-z_]+)\s*=\s*'([^']*)'\s*(#.*)?$`)

// allowed are the words of a command. It stays in the folder that the server works in.
var (
	allowed     = strings.Fields("test ! -f -n -i cp mv rm sync true false && || ;")
	allowedPath = regexp.MustCompile(`^"?(%p|archive/[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\.?%f(\.?[A-Za-z0-9_-]+)*|pg_wal/%f)"?$`)
)

// readCommands reads the two settings. The error is a *lessons.BadAnswer.
func readCommands(name string, answer []byte) (map[string]string, error) {
	commands := map[string]string{}
	for i, line := range strings.Split(string(answer), "\n") {
		bad := func(column int, format string, args ...any) error {
			return &lessons.BadAnswer{Err: fmt.Errorf("%s:%d:%d: %w\n    %s", name, i+1, column, fmt.Errorf(format, args...),
				strings.TrimSpace(line))}
		}
		if t := strings.TrimSpace(line); t == "" || t[0] == '#' {
			continue
		}
		m := settingLine.FindStringSubmatchIndex(line)
		if m == nil {
			return nil, bad(1, "this is not a setting: write NAME = 'COMMAND'")
		}
		setting, command := line[m[2]:m[3]], line[m[4]:m[5]]
		if !slices.Contains(settingNames, setting) {
			return nil, bad(m[2]+1, "unknown setting %q%s; the settings are %s", setting,
				text.DidYouMean(setting, settingNames), strings.Join(settingNames, " and "))
		}
		if _, ok := commands[setting]; ok {
			return nil, bad(m[2]+1, "%s is set twice", setting)
		}
		at := 0
		for _, word := range strings.Fields(command) {
			at += strings.Index(command[at:], word)
			if !slices.Contains(allowed, word) && !allowedPath.MatchString(word) {
				return nil, bad(m[4]+at+1, "%q is not available here: words are %s, and files %%p, archive/%%f and the like, "+
					"as archive/%%f.part", word, strings.Join(allowed, " "))
			}
			at += len(word)
		}
		commands[setting] = command
	}
	return commands, nil
}

// yard is a folder like the one that a server works in.
type yard struct {
	home     *postgres.Home
	dir      string
	commands map[string]string
	did      []string
}

// wal is a file to be archived, larger than a nearly full disk takes.
const (
	wal     = "000000010000000000000007"
	walSize = 256 << 10
)

func newYard(h *postgres.Home, commands map[string]string) (*yard, error) {
	dir, err := h.Folder("data")
	if err != nil {
		return nil, err
	}
	for _, f := range []string{"pg_wal", "archive"} {
		if _, err := h.Folder(filepath.Join("data", f)); err != nil {
			return nil, err
		}
	}
	return &yard{home: h, dir: dir, commands: commands}, nil
}

// write writes the file of pg_wal, full of a letter.
func (y *yard) write(letter byte) error {
	path := filepath.Join(y.dir, "pg_wal", wal)
	if err := os.WriteFile(path, bytes.Repeat([]byte{letter}, walSize), 0o600); err != nil {
		return err
	}
	return y.home.Give(path)
}

// full are the blocks that may still be written when the disk is nearly full.
const full = "ulimit -f 100; "

// run runs a command for a file, as a server would, and returns its exit code.
func (y *yard) run(ctx context.Context, setting, file, path, before, what string) (int, error) {
	command := strings.NewReplacer("%%", "%", "%f", file, "%p", path).Replace(y.commands[setting])
	if command == "" {
		command = "false" // as servers do without a command: nothing is archived, nothing is found
	}
	o, err := y.home.Run(ctx, postgres.Call{Program: "/bin/sh", Args: []string{"-c", "(" + before + command + "\n); " +
		"exit $?"},
		Dir: y.dir})
	y.did = append(y.did, fmt.Sprintf("%s: exit code %d", what, o.Code))
	return o.Code, err
}

// has reports whether a file is whole and full of a letter.
func (y *yard) has(letter byte, path ...string) (bool, error) {
	b, err := os.ReadFile(filepath.Join(append([]string{y.dir}, path...)...))
	if os.IsNotExist(err) {
		return false, nil
	}
	return bytes.Equal(b, bytes.Repeat([]byte{letter}, walSize)), err
}

// why is what was done since the last mark.
func (y *yard) why() string {
	s := strings.Join(y.did, ", ")
	y.did = nil
	return s
}

func (y *yard) judge(ctx context.Context) (ms []lessons.Mark, err error) {
	for _, part := range []func(ctx context.Context) (lessons.Mark, error){y.copies, y.keeps, y.returns, y.isWhole} {
		m, err := part(ctx)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

func (y *yard) archive(ctx context.Context, before, what string) (int, error) {
	return y.run(ctx, "archive_command", wal, "pg_wal/"+wal, before, what)
}

// copies archives a file.
func (y *yard) copies(ctx context.Context) (m lessons.Mark, err error) {
	if err := y.write('a'); err != nil {
		return m, err
	}
	code, err := y.archive(ctx, "", "a segment is archived")
	if err != nil {
		return m, err
	}
	whole, err := y.has('a', "archive", wal)
	return lessons.Marked(code == 0 && whole, 2, "archive_command archives a segment", y.why()+foundIs(whole,
		"archive/"+wal),
		"exit code 0 must mean that the file is in the archive, under its name"), err
}

// keeps archives another file of the same name.
func (y *yard) keeps(ctx context.Context) (m lessons.Mark, err error) {
	had, err := y.has('a', "archive", wal)
	if err != nil {
		return m, err
	}
	if err := y.write('b'); err != nil {
		return m, err
	}
	code, err := y.archive(ctx, "", "another file of the same name")
	if err != nil {
		return m, err
	}
	kept, err := y.has('a', "archive", wal)
	return lessons.Marked(had && kept && code != 0, 3, "it never replaces a file, and says so", y.why()+
			foundIs(kept, "the first file"), "what if a clone archives to the same place? test ! -f, and an exit code that "+
			"is not 0"),
		err
}

// returns gets a file back, and one that is not there.
func (y *yard) returns(ctx context.Context) (m lessons.Mark, err error) {
	const to, other = "pg_wal/RECOVERYXLOG", "00000002.history"
	stored := filepath.Join(y.dir, "archive", wal) // whatever archive_command has left there
	if err := errors.Join(os.WriteFile(stored, bytes.Repeat([]byte{'a'}, walSize), 0o600),
		y.home.Give(stored)); err != nil {
		return m, err
	}
	code, err := y.run(ctx, "restore_command", wal, to, "", "a segment is asked for")
	if err != nil {
		return m, err
	}
	back, err := y.has('a', "pg_wal", "RECOVERYXLOG")
	if err != nil {
		return m, err
	}
	if err := os.Remove(filepath.Join(y.dir, to)); err != nil && !os.IsNotExist(err) {
		return m, err
	}
	missing, err := y.run(ctx, "restore_command", other, to, "", "one that is not there")
	return lessons.Marked(back && code == 0 && missing != 0, 2, "restore_command returns a segment, and fails for one "+
		"that "+
		"is not there", y.why()+foundIs(back, "the segment"), "a recovery asks for files that do not exist, and ends or "+
		"goes on "+
		"by the exit code"), err
}

// isWhole archives when the disk is full, and again when it is not.
func (y *yard) isWhole(ctx context.Context) (m lessons.Mark, err error) {
	entries, err := os.ReadDir(filepath.Join(y.dir, "archive"))
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(y.dir, "archive", e.Name())); err != nil {
			return m, err
		}
	}
	code, err := y.archive(ctx, full, "while the disk is full")
	if err != nil {
		return m, err
	}
	_, err = os.Stat(filepath.Join(y.dir, "archive", wal))
	half := err == nil
	if err != nil && !os.IsNotExist(err) {
		return m, err
	}
	again, err := y.archive(ctx, "", "and again, with room")
	if err != nil {
		return m, err
	}
	whole, err := y.has('b', "archive", wal)
	why := y.why()
	if half {
		why += "; half a segment had its final name"
	}
	return lessons.Marked(code != 0 && again == 0 && whole && !half, 3, "a full disk leaves no half segment under its "+
		"final "+
		"name, and the next try succeeds", why, "copy to another name, then mv, which is all or nothing"), err
}

func foundIs(there bool, what string) string {
	if there {
		return "; " + what + " is there, and whole"
	}
	return "; " + what + " is not there, or not whole"
}
