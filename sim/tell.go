package sim

import (
	"strconv"
	"strings"
)

// Tell fills in one of the verb's sentences (Verb.Began, Verb.Over) with what the
// statement says. call names a member; it may add what people should know of it.
//
// In braces a sentence has
//
//	{0} {1}        the members of the statement's sides; {1 from} says "from" before each side behind the first
//	{was|were}     the word for one member on side 0, or for several
//	{at}           " at n1 and n2", or nothing when the statement names no members
//	{law} {share} {drift} {rate} {speed} {new} {key} {text} {upto} {number} {second} {size}
func (s Statement) Tell(sentence string, call func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(sentence, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		var slot string
		slot, sentence, _ = strings.Cut(rest, "}")
		out.WriteString(s.fill(slot, call))
	}
}

func (s Statement) fill(slot string, call func(name string) string) string {
	if one, many, ok := strings.Cut(slot, "|"); ok {
		if len(s.Groups) > 0 && len(s.Groups[0]) > 1 {
			return many
		}
		return one
	}
	word, before, _ := strings.Cut(slot, " ")
	switch word {
	case "0":
		return s.side(0, call)
	case "1":
		sides := make([]string, 0, len(s.Groups))
		for i := 1; i < len(s.Groups); i++ {
			sides = append(sides, s.side(i, call))
		}
		between := " and "
		if before != "" {
			between += before + " "
		}
		return strings.Join(sides, between)
	case "at":
		if len(s.Groups) == 0 {
			return ""
		}
		return " at " + s.side(0, call)
	case "law":
		return s.Law.String()
	case "share":
		return s.Share.String()
	case "drift":
		if s.Share < 0 {
			return (-s.Share).String() + " slow"
		}
		return s.Share.String() + " fast"
	case "rate":
		return FormatRate(s.Rate)
	case "speed":
		return s.Speed.String() + "/s"
	case "new":
		return s.New
	case "key":
		return s.Key
	case "text":
		return s.Text
	case "number":
		return strconv.FormatInt(s.Number, 10)
	case "second":
		return strconv.FormatInt(s.Second, 10)
	case "size":
		return s.Size.String()
	case "upto":
		if s.Number == 0 {
			return ""
		}
		return " up to revision " + strconv.FormatInt(s.Number, 10)
	}
	return "{" + slot + "}"
}

// side names the members of a side; of a long one the first.
func (s Statement) side(i int, call func(name string) string) string {
	if i >= len(s.Groups) {
		return ""
	}
	names := make([]string, len(s.Groups[i]))
	for j, x := range s.Groups[i] {
		names[j] = x.String()
		if x.By == ByName {
			names[j] = call(x.Name)
		}
	}
	return joinNames(names)
}

// joinNames lists names as in a sentence: "n1, n2 and n3", "n1, n2, n3 and 22 more".
func joinNames(names []string) string {
	const most = 7
	if n := len(names); n > most {
		names = append(names[:3:3], strconv.Itoa(n-3)+" more")
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
