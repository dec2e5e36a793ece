package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/lessons"
	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/engines"
	"quorumlab/sim/sandbox"
	"quorumlab/sim/script"
)

func init() {
	register(command{
		name:  "completion",
		args:  "bash | zsh | fish",
		about: "Prints a script that lets a shell complete commands, flags and names",
		details: "bash: source <(quorumlab completion bash) in ~/.bashrc; zsh: source <(quorumlab completion zsh) in " +
			"~/.zshrc, after compinit; fish: quorumlab completion fish > ~/.config/fish/completions/quorumlab.fish. " +
			"The scripts call the program itself (quorumlab completion words -- WORD...), so they never go out of date.",
		examples: []string{"quorumlab completion bash"},
		next:     first(shells),
		flags: func(*pflag.FlagSet) action {
			return func(_ context.Context, args []string, std streams) error { return complete(std.out, args) }
		},
	})
}

func complete(w io.Writer, args []string) error {
	if len(args) > 1 && args[0] == "words" {
		for _, c := range candidates(args[1:]) {
			if _, err := fmt.Fprintf(w, "%s\t%s\n", c.word, c.about); err != nil {
				return err
			}
		}
		return nil
	}
	if len(args) != 1 || completionScripts[args[0]] == "" {
		return badUsage("", "completion takes one argument: bash, zsh or fish")
	}
	_, err := io.WriteString(w, completionScripts[args[0]])
	return err
}

// completionScripts hand the words of the line to the program, which prints a candidate a line,
// followed by a tab and a description. Without candidates the shell completes files.
var completionScripts = map[string]string{
	"bash": `# bash completion for quorumlab
_quorumlab() {
	local line
	COMPREPLY=()
	while IFS= read -r line; do
		COMPREPLY+=("${line%%$'\t'*}")
	done < <("${COMP_WORDS[0]}" completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}
complete -o default -F _quorumlab quorumlab
`,
	"zsh": `#compdef quorumlab
_quorumlab() {
	local -a found
	local line
	for line in "${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		[[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
	done
	if (( ${#found} )); then
		_describe quorumlab found
	else
		_files
	fi
}
if [[ ${funcstack[1]} == _quorumlab ]]; then
	_quorumlab "$@"
else
	compdef _quorumlab quorumlab
fi
`,
	"fish": `# fish completion for quorumlab
function __quorumlab_words
	set -l words (commandline -opc)
	set -l last (commandline -ct)
	$words[1] completion words -- $words[2..-1] "$last" 2>/dev/null
end
complete -c quorumlab -n 'count (__quorumlab_words) >/dev/null' -f -a '(__quorumlab_words)'
`,
}

// candidate is a word that may stand at a place of the command line.
type candidate struct{ word, about string }

// candidates are what the last of the words, which may be empty, can become.
func candidates(words []string) []candidate {
	words = joined(words)
	last, before := words[len(words)-1], words[:len(words)-1]
	var fit []candidate
	for _, c := range candidatesBehind(before, last) {
		if strings.HasPrefix(c.word, last) {
			fit = append(fit, c)
		}
	}
	return fit
}

// joined drops the words "=" that bash makes of --flag=value, as if it were --flag value.
func joined(words []string) []string {
	kept := make([]string, 0, len(words))
	for i, w := range words {
		switch {
		case w != "=":
			kept = append(kept, w)
		case i == len(words)-1:
			kept = append(kept, "")
		}
	}
	return kept
}

// candidatesBehind are what may follow the words.
func candidatesBehind(before []string, last string) []candidate {
	if len(before) == 0 {
		return commandCandidates()
	}
	c, ok := commands[before[0]]
	if !ok {
		return nil
	}
	fs, _ := c.parser()
	args := []string{}
	for i := 1; i < len(before); i++ {
		f := flagOf(fs, before[i])
		switch {
		case f == nil && !strings.HasPrefix(before[i], "-"):
			args = append(args, before[i])
		case f != nil && i == len(before)-1:
			return flagValues(f)
		case f != nil:
			i++ // its value
		}
	}
	switch name, _, valued := strings.Cut(last, "="); {
	case valued && flagOf(fs, name) != nil:
		return prefixed(name+"=", flagValues(flagOf(fs, name)))
	case strings.HasPrefix(last, "-"):
		return flagCandidates(fs)
	case c.next != nil:
		return c.next(args)
	}
	return nil
}

// flagOf is the flag that a word names, if its value is the next word.
func flagOf(fs *pflag.FlagSet, word string) *pflag.Flag {
	name, is := strings.CutPrefix(word, "--")
	if f := fs.Lookup(name); is && f != nil && f.NoOptDefVal == "" {
		return f
	}
	return nil
}

func commandCandidates() (cs []candidate) {
	for _, n := range commandNames() {
		cs = append(cs, candidate{n, commands[n].about})
	}
	return cs
}

func flagCandidates(fs *pflag.FlagSet) (cs []candidate) {
	fs.VisitAll(func(f *pflag.Flag) { cs = append(cs, candidate{"--" + f.Name, f.Usage}) })
	return append(cs, candidate{"--help", "show the command's arguments and flags"})
}

func prefixed(prefix string, cs []candidate) []candidate {
	for i := range cs {
		cs[i].word = prefix + cs[i].word
	}
	return cs
}

// flagValues are what the value of a flag can begin with; none: any, or a file.
func flagValues(f *pflag.Flag) (cs []candidate) {
	switch f.Name {
	case "engine":
		if f.DefValue == "sim" { // many runs, so none in real time
			return choices("sim", sim.EtcdVirtual)
		}
		return choices(append(engines.Names(), engines.Both, engines.All)...)
	case "write":
		return choices(append(folders.Parts(), "all", "none")...)
	case "to":
		return choices("indexed-job", "slurm", "chaos-mesh")
	case "format":
		return choices("csv", "json")
	case "measure":
		for _, m := range check.Measures() {
			cs = append(cs, candidate{m.Name, m.About})
		}
	case "check":
		for _, c := range check.Checks() {
			cs = append(cs, candidate{c.Name, c.About})
		}
	case "set", "vary":
		for _, s := range settings() {
			if s.single {
				cs = append(cs, candidate{s.path + "=", s.about})
			}
		}
	}
	return cs
}

func choices(words ...string) (cs []candidate) {
	for _, w := range words {
		cs = append(cs, candidate{w, ""})
	}
	return cs
}

// first is what follows a command that takes one argument.
func first(list func() []candidate) func([]string) []candidate {
	return func(args []string) []candidate {
		if len(args) > 0 {
			return nil
		}
		return list()
	}
}

func shells() []candidate { return choices("bash", "zsh", "fish") }

// scenarioNames is the library, at any place.
func scenarioNames([]string) (cs []candidate) {
	for _, e := range scenarios.Library() {
		if s, err := scenarios.Load(e.Name); err == nil {
			cs = append(cs, candidate{s.Name, s.Title})
		}
	}
	return cs
}

// oneScenario is the library, for a command that takes one.
func oneScenario(args []string) []candidate {
	return first(func() []candidate { return scenarioNames(nil) })(args)
}

func listArgs(args []string) []candidate {
	return first(func() []candidate { return choices(listNames...) })(args)
}

// lessonArgs are the words after lesson, then the lessons.
func lessonArgs(args []string) (cs []candidate) {
	if len(args) == 0 {
		for _, w := range lessonWords {
			cs = append(cs, candidate{w.name, ""})
		}
		return cs
	}
	for _, w := range lessonWords {
		if w.name == args[0] && w.most != 0 && (len(args) == 1 || w.name == "all") {
			for _, l := range lessons.All() {
				cs = append(cs, candidate{l.ID, l.Title})
			}
		}
	}
	return cs
}

// doArgs are what a line to a sandbox can begin with.
func doArgs([]string) (cs []candidate) {
	for _, v := range script.Verbs() {
		cs = append(cs, candidate{v.Name, v.About})
	}
	for _, w := range sandbox.Words() {
		cs = append(cs, candidate{w.Name, w.About})
	}
	return cs
}
