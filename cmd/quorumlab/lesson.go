package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"

	"quorumlab/internal/guard"
	"quorumlab/internal/result"
	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/lessons/all"
	"quorumlab/lessons/learner"
	"quorumlab/sim/run"
)

func init() {
	all.Register()
	register(command{
		name:  "lesson",
		args:  "list | show ID | run ID | start ID | check ID ANSWER... | all [ID...] | progress | export | reset [ID]",
		about: "Teaches a chapter (predict, run, look, explain), then grades your answers",
		details: "An ID is a chapter number or a lesson name. At a terminal, run asks for your predictions; " +
			"elsewhere it takes them from --answers.",
		examples: []string{
			"quorumlab lesson run 40.1",
			"quorumlab lesson show 40.1 --form",
			"quorumlab lesson check 40.1 lesson-40.1/lose.yaml",
		},
		next: lessonArgs,
		flags: func(fs *pflag.FlagSet) action {
			o := lessonOptions{given: fs}
			fs.StringVar(&o.learner, "learner", "", "whose progress to keep (default: the user's name)")
			fs.StringVar(&o.answers, "answers", "", "run: a file with predictions, instead of asking; see show --form")
			fs.BoolVar(&o.form, "form", false, "show: print a file of predictions to fill in")
			fs.StringVar(&o.step, "step", "", "run: only this step")
			fs.BoolVar(&o.again, "again", false, "run: also replay steps that were played before")
			fs.StringVar(&o.task, "task", "", "check: the task, if the file's name does not say it")
			fs.StringVar(&o.out, "out", "", "output folder (run and all: out/lessons; start: lesson-ID)")
			forceFlag(fs, &o.force)
			fs.StringVar(&o.format, "format", "csv", "export: csv or json, for all learners")
			fs.BoolVar(&o.json, "json", false, "print the results as JSON")
			return o.run
		},
	})
}

type lessonOptions struct {
	given   *pflag.FlagSet
	learner string
	answers string
	form    bool
	step    string
	again   bool
	task    string
	out     string
	force   bool
	format  string
	json    bool
}

// lessonWord is what the command's first argument can be.
type lessonWord struct {
	name        string
	args        string // those after it, as the help shows them
	least, most int    // how many; most -1: any number
	flags       string // that it reads
	do          func(o *lessonOptions, ctx context.Context, args []string, std streams) error
}

var lessonWords = []lessonWord{
	{"list", "", 0, 0, "learner json", (*lessonOptions).list},
	{"show", "ID", 1, 1, "form", (*lessonOptions).show},
	{"run", "ID", 1, 1, "learner answers step again out json", (*lessonOptions).play},
	{"start", "ID", 1, 1, "out", (*lessonOptions).begin},
	{"check", "ID ANSWER...", 2, -1, "learner task json", (*lessonOptions).check},
	{"all", "[ID...]", 0, -1, "out json", (*lessonOptions).all},
	{"progress", "", 0, 0, "learner json", (*lessonOptions).progress},
	{"export", "", 0, 0, "format json", (*lessonOptions).export},
	{"reset", "[ID]", 0, 1, "learner", (*lessonOptions).reset},
}

// foreign is a flag that was given and that the word does not read, or empty.
func (w lessonWord) foreign(given *pflag.FlagSet) (name string) {
	given.Visit(func(f *pflag.Flag) {
		if name == "" && !slices.Contains(strings.Fields(w.flags), f.Name) {
			name = f.Name
		}
	})
	return name
}

func (o *lessonOptions) run(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 {
		args = []string{"list"}
	}
	var known []string
	for _, w := range lessonWords {
		if known = append(known, w.name); w.name != args[0] {
			continue
		}
		n := len(args) - 1
		if n < w.least {
			missing := strings.Fields(w.args)[n:]
			return badUsage("quorumlab lesson --help shows what each takes", "%s %s missing: write quorumlab lesson %s %s",
				strings.Join(missing, " and "), map[bool]string{true: "is", false: "are"}[len(missing) == 1], w.name, w.args)
		}
		if w.most >= 0 && n > w.most {
			return badUsage("quorumlab lesson --help shows what each takes", "lesson %s takes %s, not %d", w.name, w.takes(), n)
		}
		if f := w.foreign(o.given); f != "" {
			return badUsage("quorumlab lesson --help shows what each takes", "lesson %s does not take --%s", w.name, f)
		}
		return w.do(o, ctx, args[1:], std)
	}
	return badUsage("", "unknown word %q%s", args[0], text.DidYouMeanOr(args[0], known,
		"lesson takes "+strings.Join(known, ", ")))
}

// takes says how many arguments the word takes.
func (w lessonWord) takes() string {
	switch {
	case w.most < 0:
		return "at least " + text.Counted(w.least, "argument")
	case w.most == 0:
		return "no arguments"
	case w.most > w.least:
		return fmt.Sprintf("%d to %s", w.least, text.Counted(w.most, "argument"))
	}
	return text.Counted(w.least, "argument")
}

// lesson finds a lesson by the user's name for it.
func lesson(name string) (*lessons.Lesson, error) {
	l, err := lessons.Find(name)
	if err != nil {
		return nil, &run.InputError{Err: err, Hint: "quorumlab lesson list shows them"}
	}
	return l, nil
}

// learners is the folder of all progress: in the user's folder for what programs keep
// between runs.
func learners() string {
	xdg.Reload() // the environment may have changed since the program began, in tests
	return filepath.Join(xdg.StateHome, "quorumlab", "lessons")
}

// hasHome reports that there is no place for what programs keep between runs.
func hasHome() error {
	if _, err := os.UserHomeDir(); err != nil && os.Getenv("XDG_STATE_HOME") == "" {
		return badUsage("set HOME, or XDG_STATE_HOME to a folder of your own", "no place to keep progress in: %w", err)
	}
	return nil
}

// book is where the learner's progress is kept.
func (o *lessonOptions) book() (*learner.Book, error) {
	name := o.learner
	if name == "" && o.given.Changed("learner") {
		return nil, badUsage("without --learner it is the user's name", "--learner: the name is empty")
	}
	if name == "" {
		var system string
		if u, err := user.Current(); err == nil {
			system = u.Username
		}
		name = learner.Name(system)
	}
	if err := hasHome(); err != nil {
		return nil, err
	}
	b, err := learner.Open(learners(), name)
	if err != nil {
		return nil, &run.InputError{Err: err, Hint: "nothing was started"}
	}
	return b, nil
}

// outFolder is where a lesson's files go.
func (o *lessonOptions) outFolder() string { return cmp.Or(o.out, filepath.Join("out", "lessons")) }

// claim is that of a lesson's folder.
func (o *lessonOptions) claim(l *lessons.Lesson) result.Destination {
	return result.Destination{Path: filepath.Join(o.outFolder(), l.Folder()), Kind: "lesson", Force: o.force,
		Room: 4 << 20}
}

// lessonEnv is what a run or a judge has; end it.
func lessonEnv(std streams, what string) (env *lessons.Env, end func() error, err error) {
	dir, remove, err := guard.TempDir("", "quorumlab-lesson-")
	if err != nil {
		return nil, nil, err
	}
	teller := newSayer(std, what)
	return &lessons.Env{Dir: dir, Version: version, Say: teller.say}, func() error {
		teller.clear()
		return remove()
	}, nil
}
