package pg

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"quorumlab/internal/text"
)

// CommandLine is a line of an answer: a call of one of PostgreSQL's programs, as it is typed into a shell, with
// "< FILE" and "> FILE" but nothing else of a shell. It names only files of the working folder, and only
// databases of the server that it is carried out on.
type CommandLine struct {
	Line    int    // in the file, from 1
	Text    string // as written, with single spaces between words
	Program string
	Args    []string
	In, Out string // files; empty: none

	options map[string][]string // by their long names; "" for one that has no value
	operand string
}

// Has reports whether an option is given, by its long name.
func (c *CommandLine) Has(option string) bool { return c.options[option] != nil }

// Value is the value of an option that was given last, by its long name; empty if there is none.
func (c *CommandLine) Value(option string) string {
	if v := c.options[option]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// Operand is what is given without an option: a database or a file.
func (c *CommandLine) Operand() string { return c.operand }

// valueKind is what the value of an option must be.
type valueKind struct {
	name  string // in capitals, as in usages
	check func(value string) error
}

var (
	plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	fileName  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	psqlValue = regexp.MustCompile(`^[A-Za-z_]+=[A-Za-z0-9_]+$`)
	aPattern  = regexp.MustCompile(`^[A-Za-z0-9_.*?"|+()\[\]-]+$`)
	packing   = regexp.MustCompile(`^([0-9]|(gzip|lz4|zstd|none)(:[a-z0-9=,]+)?)$`)
)

func shaped(re *regexp.Regexp, what string) func(string) error {
	return func(v string) error {
		if !re.MatchString(v) {
			return fmt.Errorf("%q is not %s", v, what)
		}
		return nil
	}
}

func oneOf(what string, names ...string) func(string) error {
	return func(v string) error {
		if !slices.Contains(names, v) {
			return fmt.Errorf("%q is not %s%s; choose from %s", v, what, text.DidYouMean(v, names), strings.Join(names, ", "))
		}
		return nil
	}
}

func fewJobs(v string) error {
	if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 8 {
		return fmt.Errorf("%q is not a number of jobs: use 1 to 8", v)
	}
	return nil
}

var (
	none     = valueKind{}
	database = valueKind{"DATABASE", shaped(plainName, "the name of a database: use lower-case letters, digits and _")}
	aFile    = valueKind{"FILE", shaped(fileName, "the name of a file in the working folder: use letters, digits, "+
		"dots, - and _")}
	role    = valueKind{"ROLE", shaped(plainName, "the name of a role: use lower-case letters, digits and _")}
	pattern = valueKind{"PATTERN", shaped(aPattern, "a name or a pattern of names")}
	jobs    = valueKind{"JOBS", fewJobs}
	packed  = valueKind{"LEVEL", shaped(packing, "a compression: use 0 to 9")}
	section = valueKind{"SECTION", oneOf("a section", "pre-data", "data", "post-data")}
	format  = valueKind{"FORMAT", oneOf("a format", "plain", "p", "custom", "c", "directory", "d", "tar", "t")}
	setting = valueKind{"NAME=VALUE", shaped(psqlValue, "a variable of psql: write NAME=VALUE, as in ON_ERROR_STOP=1")}
)

// option is an option of a program.
type option struct {
	long  string
	short byte // 0: none
	value valueKind
}

// syntax is what of a program answers may use.
type syntax struct {
	options []option
	operand valueKind
}

// Options of pg_dump, pg_dumpall and pg_restore.
var (
	dumpParts = []option{{"data-only", 'a', none}, {"schema-only", 's', none}, {"clean", 'c', none},
		{"if-exists", 0, none}, {"no-owner", 'O', none}, {"no-privileges", 'x', none}, {"no-comments", 0, none},
		{"no-tablespaces", 0, none}, {"disable-triggers", 0, none}, {"verbose", 'v', none}, {"file", 'f', aFile},
		{"superuser", 'S', role}, {"username", 'U', role}, {"role", 0, role}, {"no-password", 'w', none}}
	oneDatabase = []option{{"create", 'C', none}, {"schema", 'n', pattern}, {"exclude-schema", 'N', pattern},
		{"table", 't', pattern}, {"section", 0, section}, {"jobs", 'j', jobs}, {"format", 'F', format},
		{"strict-names", 0, none}, {"enable-row-security", 0, none}, {"dbname", 'd', database}}
	asSQL = []option{{"inserts", 0, none}, {"column-inserts", 0, none}, {"quote-all-identifiers", 0, none},
		{"no-sync", 0, none}}
)

var syntaxes = map[string]syntax{
	"pg_dump": {slices.Concat(dumpParts, oneDatabase, asSQL, []option{{"blobs", 'b', none}, {"large-objects", 0, none},
		{"no-blobs", 'B', none}, {"no-large-objects", 0, none}, {"exclude-table", 'T', pattern},
		{"exclude-table-data", 0, pattern}, {"extension", 'e', pattern}, {"compress", 'Z', packed},
		{"serializable-deferrable", 0, none}}), database},
	"pg_dumpall": {slices.Concat(dumpParts, asSQL, []option{{"globals-only", 'g', none}, {"roles-only", 'r', none},
		{"tablespaces-only", 't', none}, {"no-role-passwords", 0, none}, {"exclude-database", 0, pattern}}), none},
	"pg_restore": {slices.Concat(dumpParts, oneDatabase, []option{{"exit-on-error", 'e', none}, {"list", 'l', none},
		{"use-list", 'L', aFile}, {"index", 'I', pattern}, {"trigger", 'T', pattern}, {"function", 'P', pattern},
		{"single-transaction", '1', none}, {"no-data-for-failed-tables", 0, none}}), aFile},
	"psql": {[]option{{"file", 'f', aFile}, {"dbname", 'd', database}, {"single-transaction", '1', none},
		{"set", 'v', setting}, {"variable", 0, setting}, {"no-psqlrc", 'X', none}, {"quiet", 'q', none},
		{"username", 'U', role}, {"echo-errors", 'b', none}}, database},
	"createdb": {[]option{{"owner", 'O', role}, {"template", 'T', database}, {"username", 'U', role}}, database},
	"dropdb":   {[]option{{"if-exists", 0, none}, {"force", 'f', none}, {"username", 'U', role}}, database},
}

// typedWord is a word of a line, without its quotes, and the column that it begins in.
type typedWord struct {
	text   string
	column int
	quoted bool
}

// wrongWord is an error with its place in the line.
type wrongWord struct {
	column int
	err    error
}

func (w *wrongWord) Error() string { return w.err.Error() }

func wrong(column int, format string, args ...any) error {
	return &wrongWord{column, fmt.Errorf(format, args...)}
}

// wordsOf splits a line into words like a shell. What follows a # is a comment.
func wordsOf(line string) (words []typedWord, err error) {
	var b strings.Builder
	var quote rune
	at, begun, quoted, column := 0, 0, false, 0
	end := func() {
		if begun > 0 {
			words = append(words, typedWord{b.String(), begun, quoted})
		}
		b.Reset()
		begun, quoted = 0, false
	}
	for _, r := range line {
		column++
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case r == '\'' || r == '"':
			if quote, quoted, at = r, true, column; begun == 0 {
				begun = column
			}
		case unicode.IsSpace(r):
			end()
		case r == '#' && begun == 0:
			return words, nil
		case r == '<' || r == '>':
			end()
			words = append(words, typedWord{string(r), column, false})
		case strings.ContainsRune("|&;$`\\!{}", r):
			return nil, wrong(column, "%q is not available here: a line is one command, with no more of a shell than "+
				"quotes, < and >", r)
		default:
			if begun == 0 {
				begun = column
			}
			b.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, wrong(at, "the quote is not closed")
	}
	end()
	return words, nil
}

// parseLine reads a line of an answer that may use these programs. nil: there is nothing on it. The error is a
// *wrongWord.
func parseLine(number int, line string, programs []string) (*CommandLine, error) {
	words, err := wordsOf(line)
	if err != nil || len(words) == 0 {
		return nil, err
	}
	text1, _, _ := strings.Cut(line, " #")
	c := &CommandLine{Line: number, Text: strings.Join(strings.Fields(text1), " "), Program: words[0].text,
		options: map[string][]string{}}
	if !slices.Contains(programs, c.Program) {
		return nil, wrong(words[0].column, "unknown program %q%s; programs are %s", c.Program,
			text.DidYouMean(c.Program, programs), strings.Join(programs, ", "))
	}
	r := lineReader{c: c, s: syntaxes[c.Program], words: words[1:]}
	for len(r.words) > 0 {
		if err := r.next(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// lineReader reads the words after the program.
type lineReader struct {
	c       *CommandLine
	s       syntax
	words   []typedWord
	literal bool // there was a --, so there are no more options
}

func (r *lineReader) next() error {
	w := r.words[0]
	r.words = r.words[1:]
	switch {
	case !w.quoted && (w.text == "<" || w.text == ">"):
		return r.redirect(w)
	case !r.literal && w.text == "--":
		r.literal = true
		r.c.Args = append(r.c.Args, w.text)
		return nil
	case !r.literal && strings.HasPrefix(w.text, "--"):
		return r.long(w)
	case !r.literal && len(w.text) > 1 && w.text[0] == '-':
		return r.short(w)
	}
	if r.s.operand.check == nil {
		return wrong(w.column, "%s takes options only, not %q", r.c.Program, w.text)
	}
	if r.c.operand != "" {
		return wrong(w.column, "%s takes one %s, and %q is the second", r.c.Program, r.s.operand.name, w.text)
	}
	if err := r.s.operand.check(w.text); err != nil {
		return &wrongWord{w.column, err}
	}
	r.c.operand = w.text
	r.c.Args = append(r.c.Args, w.text)
	return nil
}

func (r *lineReader) redirect(w typedWord) error {
	if len(r.words) == 0 {
		return wrong(w.column, "there is no file after %s", w.text)
	}
	f := r.words[0]
	r.words = r.words[1:]
	if err := aFile.check(f.text); err != nil {
		return &wrongWord{f.column, err}
	}
	to := &r.c.In
	if w.text == ">" {
		to = &r.c.Out
	}
	if *to != "" {
		return wrong(w.column, "there is a second %s", w.text)
	}
	*to = f.text
	return nil
}

func (r *lineReader) long(w typedWord) error {
	name, value, has := strings.Cut(w.text[2:], "=")
	i := slices.IndexFunc(r.s.options, func(o option) bool { return o.long == name })
	if i < 0 {
		return r.unknown(w, "--"+name)
	}
	o := r.s.options[i]
	if o.value.check == nil {
		if has {
			return wrong(w.column, "--%s takes no value", name)
		}
		return r.take(o, w.text, "", w.column)
	}
	if has {
		return r.take(o, w.text, value, w.column)
	}
	return r.follows(o, w)
}

// short reads a word of one-letter options. The last of them may have its value in the same word, or in the next.
func (r *lineReader) short(w typedWord) error {
	for i := 1; i < len(w.text); i++ {
		k := slices.IndexFunc(r.s.options, func(o option) bool { return o.short == w.text[i] })
		if k < 0 {
			return r.unknown(w, "-"+w.text[i:i+1])
		}
		switch o := r.s.options[k]; {
		case o.value.check == nil:
			if err := r.take(o, "-"+w.text[i:i+1], "", w.column); err != nil {
				return err
			}
		case i+1 < len(w.text):
			return r.take(o, "-"+w.text[i:], w.text[i+1:], w.column)
		default:
			return r.follows(o, typedWord{"-" + w.text[i:], w.column, w.quoted})
		}
	}
	return nil
}

// follows takes an option whose value is the next word.
func (r *lineReader) follows(o option, w typedWord) error {
	if len(r.words) == 0 || !r.words[0].quoted && (r.words[0].text == "<" || r.words[0].text == ">") {
		return wrong(w.column, "%s needs a value: %s %s", w.text, w.text, o.value.name)
	}
	v := r.words[0]
	r.words = r.words[1:]
	if err := r.take(o, w.text, v.text, v.column); err != nil {
		return err
	}
	r.c.Args = append(r.c.Args, v.text)
	return nil
}

func (r *lineReader) take(o option, arg, value string, column int) error {
	if o.value.check != nil {
		if err := o.value.check(value); err != nil {
			return &wrongWord{column, err}
		}
	}
	r.c.options[o.long] = append(r.c.options[o.long], value)
	r.c.Args = append(r.c.Args, arg)
	return nil
}

func (r *lineReader) unknown(w typedWord, name string) error {
	var known []string
	for _, o := range r.s.options {
		known = append(known, "--"+o.long)
	}
	return wrong(w.column, "%s has no option %s here%s", r.c.Program, name, text.DidYouMean(name, known))
}

// columnOf is the place of an error in its line, from 1.
func columnOf(err error) int {
	var w *wrongWord
	if errors.As(err, &w) {
		return w.column
	}
	return 1
}
