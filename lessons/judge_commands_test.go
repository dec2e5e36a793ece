package lessons

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestCommandsJudge(t *testing.T) {
	var ran []string
	j := CommandsJudge{
		Usage: []string{"start MEMBER", "copy FILE FILE"},
		Args: map[string]func(string) error{"MEMBER": func(arg string) error {
			if arg != "n1" {
				return errors.New("there is only n1, and no " + arg)
			}
			return nil
		}},
		Run: func(_ context.Context, _ *Env, cs []Command) ([]Mark, error) {
			for _, c := range cs {
				ran = append(ran, c.Text)
			}
			return nil, nil
		},
	}
	for answer, want := range map[string]string{
		"stop n1": "a.txt:1:1: unknown command \"stop\"; commands are start MEMBER, copy FILE FILE\n    stop n1",
		"\n  copy x # y": "a.txt:2:3: wrong number of arguments for copy: want 2, got 1 (usage: copy FILE FILE)\n    " +
			"copy x # y",
		"start n1\n start\tn2": "a.txt:2:8: there is only n1, and no n2\n    start\tn2",
	} {
		_, err := j.Judge(t.Context(), nil, "a.txt", []byte(answer))
		var bad *BadAnswer
		if !errors.As(err, &bad) || err.Error() != want {
			t.Errorf("%q: got %v, want %s", answer, err, want)
		}
	}
	if ran != nil {
		t.Errorf("of answers that can't be read, %q ran", ran)
	}
	if _, err := j.Judge(t.Context(), nil, "a.txt", []byte("start  n1\n\n# and\ncopy a b # it\n")); err != nil ||
		!slices.Equal(ran, []string{"start n1", "copy a b"}) {
		t.Errorf("ran %q, %v", ran, err)
	}
}
