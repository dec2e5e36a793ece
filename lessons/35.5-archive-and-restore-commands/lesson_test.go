package archivecommand

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"quorumlab/lessons"
	"quorumlab/lessons/lessontest"
)

func TestMain(m *testing.M) { lessontest.Main(m) }

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func TestAnswers(t *testing.T) {
	const restore = "\nrestore_command = 'cp archive/%f %p'\n"
	command := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "command", Text: "archive_command = '" + text + "'" + restore, Points: points,
			Hint: hint}
	}
	gap := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "gap", Text: text, Points: points, Hint: hint}
	}
	bad := func(text, want string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "command", Text: text, Bad: want}
	}
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"as in the manual": command("test ! -f archive/%f && cp %p archive/%f", 7, "all or nothing"),
		"it overwrites":    command("cp %p archive/%f.part && mv archive/%f.part archive/%f", 7, "test ! -f"),
		"it lies in words": command("true", 2, "exit code 0 must mean"),
		"it always fails":  command("false", 2, "exit code 0 must mean"),
		"it keeps, and does not say so": command("cp -n %p archive/%f.part && mv -n archive/%f.part archive/%f || true", 4,
			"an exit code that is not 0"),
		"errors are forgiven": command("test ! -f archive/%f && cp %p archive/%f || true", 4, "test ! -f, and"),
		"under another name":  command("test ! -f archive/%f.old && cp %p archive/%f.old", 2, "under its name"),
		"quoted": command(`test ! -f "archive/%f" && cp "%p" archive/part.%f && mv archive/part.%f "archive/%f"`, 10,
			""),
		"a restore that never fails": {Task: "command", Points: 8, Hint: "ends or goes on by the exit code",
			Text: strings.TrimSuffix(string(commandModel), "%p'\n") + "%p || true'\n"},
		"no restore_command": {Task: "command", Points: 8, Hint: "ends or goes on", Text: "archive_command = 'test ! -f " +
			"archive/%f && cp %p archive/%f.part && mv archive/%f.part archive/%f'\n"},
		"nothing":           {Task: "command", Text: "# later\n", Points: 0, Hint: "exit code 0 must mean"},
		"out of the folder": bad("archive_command = 'cp %p /tmp/%f'", `archive.conf:1:26: "/tmp/%f" is not available here`),
		"up":                bad("archive_command = 'cp %p archive/../%f'", `"archive/../%f" is not available here`),
		"another program":   bad("archive_command = 'curl %p'", `archive.conf:1:20: "curl" is not available`),
		"a typing error":    bad("archive_comand = 'true'", `unknown setting "archive_comand" (did you mean "archive_command"?)`),
		"not a setting":     bad("cp %p archive/%f", "archive.conf:1:1: this is not a setting"),
		"twice": bad("archive_command = 'true'\narchive_command = 'true'", "archive.conf:2:1: archive_command is set "+
			"twice"),

		"before the gap":     gap("rescue\nrestore monday\nstart\nswitch-over\n", 0, "behind it"),
		"without the rescue": gap("restore wednesday\nstart\nswitch-over\n", 6, "where the server kept it"),
		"too late":           gap("restore wednesday\nstart\nrescue\nswitch-over\n", 6, "begins later"),
		"the second time":    gap("restore monday\nstart\nrescue\nrestore wednesday\nstart\ncount\nswitch-over\n", 9, ""),
		"no switch-over":     gap("rescue\nrestore wednesday\nstart\n", 0, "gives it the new server"),
		"not started":        gap("start\ncount\nrescue\nrestore wednesday\nswitch-over\n", 0, "gives it the new server"),
		"nothing is done":    gap("# later\n", 0, "behind it"),
		"no such backup": {Task: "gap", Text: "restore wensday\n", Bad: `gap.txt:1:9: unknown base backup "wensday" ` +
			`(did you mean "wednesday"?)`},
		"no such command": {Task: "gap", Text: "start now\n", Bad: "gap.txt:1:1: wrong number of arguments"},
	})
}

func TestGaps(t *testing.T) {
	const last, first = "000000010000000000000FFF", "000000010000000100000000"
	for _, c := range []struct{ names, want []string }{
		{nil, nil},
		{[]string{last}, nil},
		{[]string{last, first}, nil},
		{[]string{last, "000000010000000100000002"}, []string{first, "000000010000000100000001"}},
		{[]string{"000000010000000000000FFD", last, "000000010000000100000001"}, []string{"000000010000000000000FFE", first}},
	} {
		if got, err := gaps(c.names, smallPerLog); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q and %v, want %q", c.names, got, err, c.want)
		}
	}
	if _, err := gaps([]string{"00000001000000000000000G", first}, smallPerLog); err == nil {
		t.Error("a name that is none has a number")
	}
}

// No command that is taken leaves its folder.
func FuzzCommands(f *testing.F) {
	f.Add("archive_command = 'test ! -f archive/%f && cp %p archive/%f'\n# that is all\n")
	f.Add("restore_command='cp \"archive/%f\" %p' # back\n")
	f.Fuzz(func(t *testing.T, answer string) {
		commands, err := readCommands("a.conf", []byte(answer))
		var bad *lessons.BadAnswer
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		for _, c := range commands {
			if strings.Contains(c, "..") || strings.Contains(c, " /") || strings.ContainsAny(c, "$`<>(){}\\*?~\n") ||
				strings.HasPrefix(c, "/") {
				t.Errorf("%q takes %q", answer, c)
			}
		}
	})
}
