package sim

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// Statement is one action of a script as a value: ParseStatement(s.String())
// equals s. Which fields its verb uses, the verb says.
type Statement struct {
	Verb   string
	Groups [][]Selector // partition: the sides; links: from and to; else one group
	Law    Law
	Share  Share
	Rate   int  // operations a second
	Speed  Size // bytes a second
	Number int64
	Second int64 // another number behind it
	Size   Size
	New    string // the name of a member that the statement adds
	Key    string
	Text   string // to the end of the line
}

// Arg is the shape of one argument of a verb.
type Arg string

// The shapes. An optional argument may be left out with all that follow it.
const (
	ArgMembers         Arg = "MEMBERS"
	ArgMember          Arg = "MEMBER"
	ArgOptionalMembers Arg = "[MEMBERS]"
	ArgSides           Arg = "MEMBERS | MEMBERS ..."
	ArgArrow           Arg = "MEMBERS -> MEMBERS"
	ArgLaw             Arg = "TIME"
	ArgShare           Arg = "SHARE%"
	ArgDrift           Arg = "+-SHARE%"
	ArgRate            Arg = "N/s"
	ArgSpeed           Arg = "SIZE/s"
	ArgNew             Arg = "NEW-MEMBER"
	ArgKey             Arg = "KEY"
	ArgText            Arg = "VALUE"
	ArgOptionalNumber  Arg = "[N]"
	ArgNumber          Arg = "N"
	ArgSecond          Arg = "M"
	ArgSize            Arg = "SIZE"
	ArgClient          Arg = "CLIENT"
)

// Verb is a kind of statement. Each is one file, verb_NAME.go, which registers it.
type Verb struct {
	Name    string
	Args    []Arg // ArgMembers and its kin take all words up to the next argument
	About   string
	Example string // parses to the same text; tests walk it
	Began   string // a sentence for when it took effect; see Statement.Tell
	Over    string // and for when it ended, if it lasts
	Lasts   bool   // `for:` may end it, and it has a band on the plots
	Needs   []Power
	// Apply carries the statement out. It runs when the statement fires.
	Apply func(a *Action) error
}

var verbs = map[string]*Verb{}

// register adds a verb; it is called from the init of the verb's file.
func register(v Verb) {
	if verbs[v.Name] != nil {
		panic("sim: verb " + v.Name + " is registered twice")
	}
	verbs[v.Name] = &v
}

// Verbs lists the verbs by name.
func Verbs() []*Verb {
	vs := make([]*Verb, 0, len(verbs))
	for _, n := range verbNames() {
		vs = append(vs, verbs[n])
	}
	return vs
}

func verbNames() []string {
	ns := make([]string, 0, len(verbs))
	for n := range verbs {
		ns = append(ns, n)
	}
	sort.Strings(ns)
	return ns
}

// VerbNamed finds a verb, or nil.
func VerbNamed(name string) *Verb { return verbs[name] }

// Usage is the verb's shape, like "slow-disk MEMBERS TIME".
func (v *Verb) Usage() string {
	s := v.Name
	for _, a := range v.Args {
		s += " " + string(a)
	}
	return s
}

type word struct {
	text   string
	offset int
}

func words(s string) []word {
	var ws []word
	start := -1
	for i, r := range s {
		if unicode.IsSpace(r) {
			if start >= 0 {
				ws = append(ws, word{s[start:i], start})
			}
			start = -1
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		ws = append(ws, word{s[start:], start})
	}
	return ws
}

// maxStatement is how long a statement may be, in bytes: enough for every member of
// the largest cluster by name.
const maxStatement = 8 << 10

// ParseStatement reads a statement. Its errors are SyntaxErrors, which say where in
// the text they are. Names of members are not looked up here; Scenario.Validate does.
func ParseStatement(text string) (Statement, error) {
	if len(text) > maxStatement {
		return Statement{}, at(maxStatement, fmt.Errorf("the statement has %d bytes; it may have %d", len(text), maxStatement))
	}
	ws := words(text)
	if len(ws) == 0 {
		return Statement{}, at(0, fmt.Errorf("the statement is empty; statements are %s", strings.Join(verbNames(), ", ")))
	}
	v := verbs[ws[0].text]
	if v == nil {
		return Statement{}, at(ws[0].offset, fmt.Errorf("unknown statement %q%s; statements are %s",
			ws[0].text, DidYouMean(ws[0].text, verbNames()), strings.Join(verbNames(), ", ")))
	}
	p := argParser{text: text, ws: ws[1:], st: Statement{Verb: v.Name}}
	for i, a := range v.Args {
		if err := p.arg(a, p.trailing(v.Args[i+1:])); err != nil {
			return Statement{}, explain(v, err)
		}
	}
	if len(p.ws) > 0 {
		return Statement{}, at(p.ws[0].offset, fmt.Errorf("%q is too much; the shape is %q, for example %q", p.ws[0].text, v.Usage(), v.Example))
	}
	return p.st, nil
}

// explain adds the verb's shape to an error and keeps its place.
func explain(v *Verb, err error) error {
	place := 0
	var s *SyntaxError
	if errors.As(err, &s) {
		place, err = s.Offset, s.Err
	}
	return &SyntaxError{place, fmt.Errorf("%w; the shape is %q, for example %q", err, v.Usage(), v.Example)}
}

type argParser struct {
	text string
	ws   []word
	st   Statement
}

// end is the place behind the last word.
func (p *argParser) end() int { return len(strings.TrimRightFunc(p.text, unicode.IsSpace)) }

// trailing is how many words the arguments behind one take: one each, but four for
// a law by quantiles.
func (p *argParser) trailing(args []Arg) int {
	n := len(args)
	if n > 0 && args[n-1] == ArgLaw && len(p.ws) > n+3 && p.ws[len(p.ws)-4].text == "p50" {
		n += 3
	}
	return n
}

// arg reads one argument; after is how many words behind it belong to others.
func (p *argParser) arg(a Arg, after int) error {
	switch a {
	case ArgMembers, ArgMember, ArgOptionalMembers, ArgSides, ArgArrow:
		n := len(p.ws) - after
		if n <= 0 {
			if a == ArgOptionalMembers {
				return nil
			}
			return at(p.end(), fmt.Errorf("members are missing (%s)", SelectorHelp))
		}
		ws := p.ws[:n]
		p.ws = p.ws[n:]
		return p.groups(a, ws)
	case ArgText:
		if len(p.ws) == 0 {
			return at(p.end(), fmt.Errorf("the value is missing"))
		}
		p.st.Text = strings.TrimRightFunc(p.text[p.ws[0].offset:], unicode.IsSpace)
		p.ws = nil
		return nil
	}
	if len(p.ws) == 0 {
		if a == ArgOptionalNumber {
			return nil
		}
		return at(p.end(), fmt.Errorf("%s is missing", a))
	}
	w := p.ws[0]
	n := 1
	if a == ArgLaw && w.text == "p50" {
		n = min(4, len(p.ws))
	}
	p.ws = p.ws[n:]
	if n > 1 {
		last := p.text[w.offset:]
		w.text = strings.Join(strings.Fields(last)[:n], " ")
	}
	return at(w.offset, p.scalar(a, w.text))
}

func (p *argParser) scalar(a Arg, s string) (err error) {
	switch a {
	case ArgLaw:
		p.st.Law, err = ParseLaw(s)
	case ArgShare:
		p.st.Share, err = ParseShare(s)
	case ArgDrift:
		abs, neg := strings.CutPrefix(s, "-")
		abs = strings.TrimPrefix(abs, "+")
		p.st.Share, err = ParseShare(abs)
		if err == nil && p.st.Share > Whole/2 {
			err = fmt.Errorf("%q: a clock drifts by at most 50%%", s)
		}
		if neg {
			p.st.Share = -p.st.Share
		}
	case ArgRate:
		p.st.Rate, err = ParseRate(s)
	case ArgSpeed:
		size, ok := strings.CutSuffix(s, "/s")
		if p.st.Speed, err = ParseSize(size); !ok || err != nil || p.st.Speed == 0 {
			err = fmt.Errorf(`%q is not a speed: write bytes a second above 0, like "1MB/s"`, s)
		}
	case ArgNew:
		p.st.New, err = s, CheckName(s)
	case ArgKey:
		p.st.Key = s
	case ArgOptionalNumber, ArgNumber:
		p.st.Number, err = parseNumber(s)
	case ArgSecond:
		p.st.Second, err = parseNumber(s)
	case ArgSize:
		if p.st.Size, err = ParseSize(s); err == nil && p.st.Size == 0 {
			err = fmt.Errorf(`%q is not a size above 0, like "64KiB"`, s)
		}
	case ArgClient:
		var k ClientKind
		k, err = parseClientKind(s)
		p.st.Key = string(k)
	}
	return err
}

func parseNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number above 0", s)
	}
	return n, nil
}

func (p *argParser) groups(a Arg, ws []word) error {
	sep := map[Arg]string{ArgSides: "|", ArgArrow: "->"}[a]
	var side []word
	flush := func(offset int) error {
		if len(side) == 0 {
			return at(offset, fmt.Errorf("a side of %q is empty", sep))
		}
		g, err := parseGroup(side)
		p.st.Groups = append(p.st.Groups, g)
		side = nil
		return err
	}
	for _, w := range ws {
		switch {
		case w.text == sep && sep != "":
			if err := flush(w.offset); err != nil {
				return err
			}
		case w.text == "|" || w.text == "->":
			return at(w.offset, fmt.Errorf("%q does not belong here", w.text))
		default:
			side = append(side, w)
		}
	}
	if err := flush(ws[len(ws)-1].offset); err != nil {
		return err
	}
	last := ws[len(ws)-1]
	switch {
	case a == ArgArrow && len(p.st.Groups) != 2:
		return at(last.offset, fmt.Errorf("a link has two sides, from -> to"))
	case a == ArgSides && len(p.st.Groups) < 2:
		return at(last.offset, fmt.Errorf("a partition has at least two sides, separated by |"))
	case a == ArgMember && (len(p.st.Groups[0]) > 1 || !single(p.st.Groups[0][0])):
		return at(ws[0].offset, fmt.Errorf("just one member is wanted here"))
	}
	return nil
}

// single tells whether a selector means one member whenever it is resolved.
func single(s Selector) bool {
	return s.By == ByName || s.By == ByLeader || s.By == ByAFollower || s.By == ByRandom && s.N == 1
}

// String is the text form, with one space between words.
func (s Statement) String() string {
	out := s.Verb
	add := func(t string) {
		if t != "" {
			out += " " + t
		}
	}
	for _, a := range verbs[s.Verb].Args {
		switch a {
		case ArgMembers, ArgMember, ArgOptionalMembers, ArgSides, ArgArrow:
			sep := " | "
			if a == ArgArrow {
				sep = " -> "
			}
			gs := make([]string, 0, 4)
			for _, g := range s.Groups {
				gs = append(gs, formatGroup(g))
			}
			add(strings.Join(gs, sep))
		case ArgLaw:
			add(s.Law.String())
		case ArgShare:
			add(s.Share.String())
		case ArgDrift:
			add(s.Share.String())
		case ArgRate:
			add(FormatRate(s.Rate))
		case ArgSpeed:
			add(s.Speed.String() + "/s")
		case ArgNew:
			add(s.New)
		case ArgKey, ArgClient:
			add(s.Key)
		case ArgText:
			add(s.Text)
		case ArgOptionalNumber:
			if s.Number > 0 {
				add(strconv.FormatInt(s.Number, 10))
			}
		case ArgNumber:
			add(strconv.FormatInt(s.Number, 10))
		case ArgSecond:
			add(strconv.FormatInt(s.Second, 10))
		case ArgSize:
			add(s.Size.String())
		}
	}
	return out
}

// MarshalText writes the text form.
func (s Statement) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the text form.
func (s *Statement) UnmarshalText(b []byte) (err error) {
	*s, err = ParseStatement(string(b))
	return err
}

// CheckName says what is wrong with a name for a member or a zone: letters,
// digits, dot, dash and underscore, and not a word of the language.
func CheckName(s string) error {
	bad := s == "" || len(s) > 40 || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
	if bad || s[0] == '-' {
		return fmt.Errorf("%q is not a name: use letters, digits, dots, dashes and underscores, up to 40", s)
	}
	if _, taken := byWords[s]; taken || s == "zone" || s == "random" || s == "p50" || s == "p99" {
		return fmt.Errorf("%q is a word of the language and can't be a name", s)
	}
	return nil
}
