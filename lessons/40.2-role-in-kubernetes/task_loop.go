package roleinkubernetes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"quorumlab/lessons"
)

// loopRequest and loopResult are as the program has them.
type loopRequest struct {
	Steps    []string `json:"steps"`
	Conflict string   `json:"conflict"`
	Writers  int      `json:"writers"`
	Each     int      `json:"each"`
	Most     int      `json:"most"`
}

type loopResult struct {
	Asked, Acknowledged int
	GivenUp             int `json:"given_up"`
	Stopped, Kept       int
	Requests, Worst     int
}

var loopCommands = lessons.CommandsJudge{
	Usage: []string{"get", "get-cached", "count", "put", "put-if-unchanged", "lock", "unlock", "on-conflict WHAT"},
	Args: map[string]func(string) error{"WHAT": func(arg string) error {
		if slices.Contains(afterConflict, arg) {
			return nil
		}
		return fmt.Errorf("on-conflict is one of %s, not %q", strings.Join(afterConflict, ", "), arg)
	}},
	Most: 30,
}

// afterConflict are the words behind on-conflict.
var afterConflict = []string{"again", "resend", "give-up"}

// judgeLoop has four writers run the loop in step, so that they meet each time in the same way.
func judgeLoop(ctx context.Context, env *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	j := loopCommands
	j.Run = func(ctx context.Context, env *lessons.Env, cs []lessons.Command) ([]lessons.Mark, error) {
		q, err := readLoop(name, cs)
		if err != nil {
			return nil, &lessons.BadAnswer{Err: err}
		}
		var r loopResult
		if err := (experiment{name: "loop", request: request{Loop: q}}).run(ctx, env, &r); err != nil {
			return nil, err
		}
		return r.marks(q), nil
	}
	return j.Judge(ctx, env, name, answer)
}

// readLoop makes a request of the commands. Errors are loops that can't be carried out.
func readLoop(name string, cs []lessons.Command) (*loopRequest, error) {
	q := &loopRequest{Conflict: "give-up", Writers: 4, Each: 5, Most: 200}
	last, read := 1, false
	for _, c := range cs {
		last = c.Line
		switch c.Verb {
		case "on-conflict":
			q.Conflict = c.Args[0]
			continue
		case "get", "get-cached":
			read = true
		case "count", "put", "put-if-unchanged":
			if !read {
				return nil, fmt.Errorf("%s:%d:1: %s needs a copy of the object, but no step above reads one", name, c.Line, c.Verb)
			}
		}
		q.Steps = append(q.Steps, c.Verb)
	}
	if len(q.Steps) == 0 {
		return nil, fmt.Errorf("%s:%d:1: the loop has no steps", name, last)
	}
	return q, nil
}

func (r loopResult) marks(q *loopRequest) []lessons.Mark {
	found := fmt.Sprintf("of %d increments %d were acknowledged, and the counter is %d", r.Asked, r.Acknowledged, r.Kept)
	ended := fmt.Sprintf("no increment took more than %d requests, and all of them together took %d", r.Worst, r.Requests)
	if r.Stopped > 0 {
		ended = fmt.Sprintf("%d writers were stopped after %d requests for one increment", r.Stopped, q.Most)
	}
	lost := r.Acknowledged - r.Kept
	hint := "a write has to be rejected when the object has changed since it was read"
	if lost <= 0 && r.Kept < r.Asked {
		hint = "" // the mark below says it
	}
	return []lessons.Mark{
		lessons.Marked(lost == 0 && r.Kept > 0, 4, "no acknowledged increment is lost", found, orText(hint,
			"nothing was counted at all")),
		lessons.Marked(r.Kept == r.Asked, 4, "every increment counts", found, "a rejected writer has to try again, with "+
			"the current object"),
		lessons.Marked(r.Stopped == 0 && r.Kept > 0, 2, "every writer terminates, having counted", ended,
			"the same stale copy is always rejected, and a lock that nobody deletes stays: look at where the loop continues "+
				"after a conflict"),
	}
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
