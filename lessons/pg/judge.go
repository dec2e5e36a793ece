package pg

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/lessons"
)

// ShellJudge judges an answer of command lines by carrying them out, one after the other. Empty lines and
// anything after a # are ignored.
type ShellJudge struct {
	Programs []string // that answers may call
	Most     int      // command lines in an answer
	// Run carries the commands out and judges what they did.
	Run func(ctx context.Context, env *lessons.Env, cs []*CommandLine) ([]lessons.Mark, error)
}

// Judge reads the command lines and runs them. A line that can't be read is a *lessons.BadAnswer, before anything is
// run.
func (j ShellJudge) Judge(ctx context.Context, env *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	var cs []*CommandLine
	for i, line := range strings.Split(string(answer), "\n") {
		c, err := parseLine(i+1, line, j.Programs)
		if err != nil {
			return nil, badLine(name, i+1, columnOf(err), err, line)
		}
		if c == nil {
			continue
		}
		if cs = append(cs, c); len(cs) > j.Most {
			return nil, badLine(name, i+1, 1, fmt.Errorf("an answer has at most %d commands", j.Most), line)
		}
	}
	return j.Run(ctx, env, cs)
}

func badLine(name string, line, column int, err error, text string) error {
	return &lessons.BadAnswer{Err: fmt.Errorf("%s:%d:%d: %w\n    %s", name, line, column, err, strings.TrimSpace(text))}
}
