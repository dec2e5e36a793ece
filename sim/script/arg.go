package script

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"quorumlab/sim"
)

// Arg is the shape of one argument of a verb: one value that says how the argument is
// read, written and put into sentences.
type Arg struct {
	Shape     string   // as a verb's usage shows it, like "MEMBERS"
	Members   bool     // it selects members, and takes all words up to the next argument
	Separator string   // between its sides, if it has sides
	Words     []string // that can stand in it

	optional bool // it may be left out, with all that follow it
	rest     bool // it takes the text to the end of the line
	missing  string
	read     func(st *sim.Statement, word string) error
	groups   func(st *sim.Statement) error         // what is wrong with the members that were read
	write    func(st sim.Statement) string         // empty: it was left out
	slots    map[string]func(sim.Statement) string // what sentences may call it; see Tell
}

// The shapes. An optional argument may be left out with all that follow it.
var (
	argMembers         = members("MEMBERS", "", nil)
	argMember          = members("MEMBER", "", justOne)
	argOptionalMembers = optional(members("[MEMBERS]", "", nil))
	argSides           = members("MEMBERS | MEMBERS ...", "|", twoAtLeast)
	argArrow           = members("MEMBERS -> MEMBERS", "->", fromAndTo)

	argDistribution = scalar("TIME", "distribution",
		func(st *sim.Statement, s string) (err error) {
			st.Distribution, err = sim.ParseDistribution(s)
			return err
		},
		func(st sim.Statement) string { return st.Distribution.String() })
	argShare = scalar("SHARE%", "share",
		func(st *sim.Statement, s string) (err error) { st.Share, err = sim.ParseShare(s); return err },
		func(st sim.Statement) string { return st.Share.String() })
	argDrift = told(scalar("+-SHARE%", "", readDrift,
		func(st sim.Statement) string { return st.Share.String() }), "drift", tellDrift)
	argPace = told(line("N/s[..N/s over TIME]", "",
		func(st *sim.Statement, s string) (err error) { st.Pace, err = sim.ParsePace(s); return err },
		func(st sim.Statement) string { return st.Pace.String() }), "pace", tellPace)
	argSpeed = scalar("SIZE/s", "speed", readSpeed,
		func(st sim.Statement) string { return st.Speed.String() + "/s" })
	argSize = scalar("SIZE", "size", readSize,
		func(st sim.Statement) string { return st.Size.String() })
	argNew = scalar("NEW-MEMBER", "new",
		func(st *sim.Statement, s string) error { st.New = s; return sim.CheckName(s) },
		func(st sim.Statement) string { return st.New })
	argRetry = told(optional(scalar("[retry]", "", readRetry,
		func(st sim.Statement) string {
			if st.Retry {
				return wordRetry
			}
			return ""
		})), "retry", func(st sim.Statement) string {
		if st.Retry {
			return ", and is asked again until it agrees"
		}
		return ""
	})
	argKey = scalar("KEY", "key",
		func(st *sim.Statement, s string) error { st.Key = s; return nil },
		func(st sim.Statement) string { return st.Key })
	argClient = scalar("CLIENT", "key", readClient,
		func(st sim.Statement) string { return st.Key })
	argNumber = scalar("N", "number",
		func(st *sim.Statement, s string) (err error) { st.Number, err = parseNumber(s); return err },
		func(st sim.Statement) string { return strconv.FormatInt(st.Number, 10) })
	argSecond = scalar("M", "second",
		func(st *sim.Statement, s string) (err error) { st.Second, err = parseNumber(s); return err },
		func(st sim.Statement) string { return strconv.FormatInt(st.Second, 10) })
	argOptionalNumber = told(optional(scalar("[N]", "",
		func(st *sim.Statement, s string) (err error) { st.Number, err = parseNumber(s); return err },
		ifAny(func(st sim.Statement) string { return strconv.FormatInt(st.Number, 10) }))),
		"upto", ifAny(func(st sim.Statement) string { return " up to revision " + strconv.FormatInt(st.Number, 10) }))
	argText = line("VALUE", "text",
		func(st *sim.Statement, s string) error { st.Text = s; return nil },
		func(st sim.Statement) string { return st.Text })
)

// tellPace is "100/s", or "100/s, rising to 2000/s over 30 s".
func tellPace(st sim.Statement) string {
	p := st.Pace
	if p.Over == 0 {
		return p.String()
	}
	how := "rising"
	if p.To < p.Rate {
		how = "falling"
	}
	return fmt.Sprintf("%s, %s to %s over %s", sim.FormatRate(p.Rate), how, sim.FormatRate(p.To),
		sim.FormatDuration(p.Over))
}

// members is an argument that selects members, in sides if there is a separator.
func members(shape, separator string, check func(*sim.Statement) error) *Arg {
	between := " " + separator + " "
	return &Arg{Shape: shape, Members: true, Separator: separator, groups: check,
		missing: "members are missing (" + sim.SelectorHelp + ")",
		write: func(st sim.Statement) string {
			gs := make([]string, len(st.Groups))
			for i, g := range st.Groups {
				gs[i] = sim.FormatSelectors(g)
			}
			return strings.Join(gs, between)
		}}
}

// scalar is an argument of one word, or of four for a distribution by quantiles.
func scalar(shape, slot string, read func(*sim.Statement, string) error, write func(sim.Statement) string) *Arg {
	a := &Arg{Shape: shape, missing: shape + " is missing", read: read, write: write}
	return told(a, slot, write)
}

// line is an argument that takes the rest of the text.
func line(shape, slot string, read func(*sim.Statement, string) error, write func(sim.Statement) string) *Arg {
	a := scalar(shape, slot, read, write)
	a.rest, a.missing = true, "the value is missing"
	return a
}

func optional(a *Arg) *Arg { a.optional = true; return a }

// told lets sentences refer to the argument by a slot's name.
func told(a *Arg, slot string, tell func(sim.Statement) string) *Arg {
	if slot != "" {
		a.slots = map[string]func(sim.Statement) string{slot: tell}
	}
	return a
}

// ifAny writes a number unless it was left out.
func ifAny(write func(sim.Statement) string) func(sim.Statement) string {
	return func(st sim.Statement) string {
		if st.Number == 0 {
			return ""
		}
		return write(st)
	}
}

func justOne(st *sim.Statement) error {
	g := st.Groups[0]
	if len(g) == 1 {
		s := g[0]
		if s.By == sim.ByName || s.By == sim.ByLeader || s.By == sim.ByAFollower || s.By == sim.ByRandom && s.N == 1 {
			return nil
		}
	}
	return errOneMember
}

func twoAtLeast(st *sim.Statement) error {
	if len(st.Groups) < 2 {
		return fmt.Errorf("a partition needs at least two sides, separated by |")
	}
	return nil
}

func fromAndTo(st *sim.Statement) error {
	if len(st.Groups) != 2 {
		return fmt.Errorf("a link needs two sides, from -> to")
	}
	return nil
}

func readDrift(st *sim.Statement, s string) (err error) {
	abs, slow := strings.CutPrefix(s, "-")
	st.Share, err = sim.ParseShare(strings.TrimPrefix(abs, "+"))
	if err == nil && st.Share > sim.Whole/2 {
		err = fmt.Errorf("%q: a clock can drift by at most 50%%", s)
	}
	if slow {
		st.Share = -st.Share
	}
	return err
}

func tellDrift(st sim.Statement) string {
	if st.Share < 0 {
		return (-st.Share).String() + " slow"
	}
	return st.Share.String() + " fast"
}

// wordRetry stands at the end of a statement that is asked for again when it is refused.
const wordRetry = "retry"

func readRetry(st *sim.Statement, s string) error {
	st.Retry = s == wordRetry
	if !st.Retry {
		return fmt.Errorf("%q is not expected here: only %q may follow", s, wordRetry)
	}
	return nil
}

func readSpeed(st *sim.Statement, s string) (err error) {
	size, ok := strings.CutSuffix(s, "/s")
	if st.Speed, err = sim.ParseSize(size); !ok || err != nil || st.Speed == 0 {
		return fmt.Errorf(`%q is not a speed: write bytes a second above 0, like "1MB/s"`, s)
	}
	return nil
}

func readSize(st *sim.Statement, s string) (err error) {
	if st.Size, err = sim.ParseSize(s); err == nil && st.Size == 0 {
		err = fmt.Errorf(`%q is not a size above 0, like "64KiB"`, s)
	}
	return err
}

func readClient(st *sim.Statement, s string) error {
	k, err := sim.ParseClientKind(s)
	st.Key = string(k)
	return err
}

func parseNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && n > 0:
		return 0, fmt.Errorf("%s is too large: the most is %d", s, int64(math.MaxInt64))
	case err != nil || n < 1:
		return 0, fmt.Errorf("%q is not a whole number above 0", s)
	}
	return n, nil
}
