package lessons

import (
	"context"
	"fmt"
	"strings"
)

// Command is a line of an answer that is a sequence of commands.
type Command struct {
	Line int      // in the file, from 1
	Text string   // as written, without the spaces around it
	Verb string   // its first word
	Args []string // the others
}

// CommandsJudge judges a sequence of commands, one a line, by carrying it out. Empty lines
// and what follows a # are left out.
type CommandsJudge struct {
	// Usage lists the commands as people write them, like "compact REVISION"; the first word
	// is the verb, and each of the others stands for one argument.
	Usage []string
	// Run carries out the commands and tells what they did.
	Run func(ctx context.Context, env *Env, cs []Command) ([]Mark, error)
}

// Judge reads the commands and runs them. A line that is none is a *BadAnswer, before
// anything is run.
func (j CommandsJudge) Judge(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error) {
	var cs []Command
	for i, line := range strings.Split(string(answer), "\n") {
		text, _, _ := strings.Cut(line, "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		c := Command{Line: i + 1, Text: strings.Join(words, " "), Verb: words[0], Args: words[1:]}
		if err := j.known(c); err != nil {
			column := strings.Index(line, words[0]) + 1
			return nil, &BadAnswer{fmt.Errorf("%s:%d:%d: %w\n    %s", name, c.Line, column, err, strings.TrimSpace(line))}
		}
		cs = append(cs, c)
	}
	return j.Run(ctx, env, cs)
}

// known tells what is wrong with a command.
func (j CommandsJudge) known(c Command) error {
	for _, u := range j.Usage {
		words := strings.Fields(u)
		if words[0] != c.Verb {
			continue
		}
		if len(words) != len(c.Args)+1 {
			return fmt.Errorf("%s has %d arguments and not %d: it is written %q", c.Verb, len(words)-1, len(c.Args), u)
		}
		return nil
	}
	return fmt.Errorf("unknown command %q; there are %s", c.Verb, strings.Join(j.Usage, ", "))
}
