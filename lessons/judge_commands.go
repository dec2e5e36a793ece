package lessons

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// Command is one line of an answer that consists of commands.
type Command struct {
	Line int      // in the file, from 1
	Text string   // as written, with single spaces between words
	Verb string   // its first word
	Args []string // the others
}

// CommandsJudge judges a sequence of commands, one per line, by executing it. Empty lines
// and anything after a # are ignored.
type CommandsJudge struct {
	// Usage lists the commands as people write them, like "compact REVISION"; the first word
	// is the verb, and each of the others stands for one argument.
	Usage []string
	// Args checks an argument, by the word that stands for it in Usage; an argument without
	// an entry may be anything.
	Args map[string]func(arg string) error
	// Most is the maximum number of commands in an answer, since each takes time; 0 means no
	// limit.
	Most int
	// Run executes the commands and judges what they did.
	Run func(ctx context.Context, env *Env, cs []Command) ([]Mark, error)
}

// Judge reads the commands and runs them. A line that is not a command is a *BadAnswer, before
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
		if word, err := j.known(c); err != nil {
			return nil, &BadAnswer{fmt.Errorf("%s:%d:%d: %w\n    %s", name, c.Line, columnOf(line, word), err,
				strings.TrimSpace(line))}
		}
		if cs = append(cs, c); j.Most > 0 && len(cs) > j.Most {
			return nil, &BadAnswer{fmt.Errorf("%s:%d:%d: an answer has at most %d commands\n    %s", name, c.Line,
				columnOf(line, 0), j.Most, c.Text)}
		}
	}
	return j.Run(ctx, env, cs)
}

// known tells what is wrong with a command, and with which of its words.
func (j CommandsJudge) known(c Command) (word int, err error) {
	for _, u := range j.Usage {
		words := strings.Fields(u)
		if words[0] != c.Verb {
			continue
		}
		if len(words) != len(c.Args)+1 {
			return 0, fmt.Errorf("wrong number of arguments for %s: want %d, got %d (usage: %s)", c.Verb, len(words)-1,
				len(c.Args), u)
		}
		for i, stands := range words[1:] {
			if check := j.Args[stands]; check != nil {
				if err := check(c.Args[i]); err != nil {
					return i + 1, err
				}
			}
		}
		return 0, nil
	}
	return 0, fmt.Errorf("unknown command %q; commands are %s", c.Verb, strings.Join(j.Usage, ", "))
}

// columnOf is where a word of a line begins, from 1. Words are counted from 0.
func columnOf(line string, word int) int {
	at := 0
	for {
		at += strings.IndexFunc(line[at:], func(r rune) bool { return !unicode.IsSpace(r) })
		if word == 0 {
			return at + 1
		}
		at += strings.IndexFunc(line[at:], unicode.IsSpace)
		word--
	}
}
