package sim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quorumlab/internal/text"
)

// MaxTraceLine is how long a line of a trace may be, in bytes.
const MaxTraceLine = 16 << 20

// MaxTraceEvents is how many events in memory ReadTrace accepts; they fill some 2 GB.
const MaxTraceEvents = 10_000_000

// TraceError is what is wrong with a trace, and on which line.
type TraceError struct {
	Line int // from 1
	Err  error
}

func (e *TraceError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the error without its line.
func (e *TraceError) Unwrap() error { return e.Err }

// ErrTooManyEvents is the error of a trace with more events than the reader accepts.
var ErrTooManyEvents = errors.New("too many events")

// ReadTrace reads a trace of at most MaxTraceEvents events. Errors are TraceErrors: those of r, a
// format that this version does not know, an unknown field, kind or member, numbers or times that go
// back, a line that is truncated or longer than MaxTraceLine, and what is no trace at all.
func ReadTrace(r io.Reader, words Language) (*Trace, error) {
	return readTrace(r, words, false, MaxTraceEvents)
}

// StreamTrace is ReadTrace for a trace that is streamed (see Recorder.Stream), with another limit on the number of
// events in memory. Its error may also be that there is no room for the others.
func StreamTrace(r io.Reader, words Language, events int) (*Trace, error) {
	return readTrace(r, words, true, events)
}

func readTrace(r io.Reader, words Language, streamed bool, events int) (*Trace, error) {
	in := traceLines{in: bufio.NewReaderSize(r, 1<<16)}
	t := &Trace{tape: &tape{}}
	for n := 1; ; n++ {
		line, err := in.next()
		if errors.Is(err, io.EOF) && n > 1 {
			if err := t.take(t.tape, AllKinds, streamed); err != nil {
				return nil, errors.Join(err, t.Close())
			}
			return t, nil
		}
		switch {
		case errors.Is(err, io.EOF):
			err = errors.New("the trace is empty; it begins with a header line")
		case err != nil:
		case n == 1:
			err = t.readHeader(line, words)
		case bytes.HasPrefix(line, []byte(`{"format":`)):
			err = errors.New("another trace begins here; a file holds one")
		default:
			if err = t.readEvent(line); err == nil && t.tape.inMemory(streamed) > events {
				err = fmt.Errorf("%w: the limit is %d", ErrTooManyEvents, events)
			}
		}
		if err != nil {
			_ = t.Close()
			return nil, &TraceError{n, err}
		}
	}
}

// traceLines reads a trace line by line.
type traceLines struct {
	in   *bufio.Reader
	long []byte // a line that the reader's buffer does not hold
}

// next is the next line, valid until the next call. The error is io.EOF after the last one.
func (l *traceLines) next() ([]byte, error) {
	line, err := l.in.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	l.long = append(l.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(l.long) > MaxTraceLine {
			return nil, fmt.Errorf("the line is longer than %s, the maximum for a trace", Size(MaxTraceLine))
		}
		line, err = l.in.ReadSlice('\n')
		l.long = append(l.long, line...)
	}
	if errors.Is(err, io.EOF) && len(l.long) > 0 {
		return nil, errors.New("the line is truncated: it ends without a line feed, so the rest of the trace is missing")
	}
	return l.long, err
}

// headerExample is how a header begins.
const headerExample = `a trace begins with a header line, like {"format":1,"engine":"sim"`

// readFormat checks that a line is a header in a format that is known here.
func readFormat(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte("\x1f\x8b")):
		return errors.New("not a trace header: the file is compressed; gunzip unpacks it")
	case !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0:
		return errors.New("not a trace header but binary data; " + headerExample)
	}
	var version struct {
		Format *int `json:"format"`
	}
	err := json.Unmarshal(line, &version)
	var wrong *json.UnmarshalTypeError
	switch {
	case err != nil && !errors.As(err, &wrong):
		return fmt.Errorf("not a trace header: %w; %s", plainJSON(err), headerExample)
	case version.Format == nil || wrong != nil:
		return errors.New("not a trace header: it has no format number; " + headerExample)
	case *version.Format != TraceFormat:
		return fmt.Errorf("unknown trace format %d; this version reads format %d", *version.Format, TraceFormat)
	}
	return nil
}

// Check finds what contradicts itself in a header, and what no engine could have run. It is asked
// before a trace from elsewhere is judged.
func (h *Header) Check() error {
	if !slices.Contains(RunEngines, h.Engine) {
		last := len(RunEngines) - 1
		return fmt.Errorf("unknown engine %q%s", h.Engine, text.DidYouMeanOr(h.Engine, RunEngines,
			"the engines are "+strings.Join(RunEngines[:last], ", ")+" and "+RunEngines[last]))
	}
	if h.Seed != h.Scenario.Seed {
		return fmt.Errorf("the seed is %d, but the scenario's is %d; they must be the same", h.Seed, h.Scenario.Seed)
	}
	if ps := h.Scenario.Validate(); len(ps) > 0 {
		return fmt.Errorf("the scenario: %w", ps[0])
	}
	var names []string
	for _, m := range h.Scenario.Members() {
		names = append(names, m.Name)
	}
	if !slices.Equal(names, h.Members) {
		return fmt.Errorf("the members are %s, but the scenario's are %s; they must be the same",
			strings.Join(h.Members, ", "), strings.Join(names, ", "))
	}
	return nil
}

// checkEvent checks that an event can come next.
func (t *Trace) checkEvent(j *jsonEvent) error {
	before := t.tape.last
	switch {
	case j.Kind == KindNone && j.Seq == 0:
		return errors.New(`not an event; one is a line like {"seq":1,"at":0,"kind":"started","member":1}`)
	case j.Kind == KindNone:
		return fmt.Errorf("event %d has no kind", j.Seq)
	case j.Seq <= before.seq:
		return fmt.Errorf("event %d comes after event %d; the numbers in a trace only grow", j.Seq, before.seq)
	case j.At < before.at:
		return fmt.Errorf("event %d is at %s, before event %d at %s; the times in a trace never go back",
			j.Seq, FormatDuration(j.At), before.seq, FormatDuration(before.at))
	case slices.Contains(t.Without, j.Kind):
		return fmt.Errorf("event %d is of kind %s, but the header says that the trace was kept without it", j.Seq, j.Kind)
	case j.Msg != 0 && (j.Kind < KindSent || j.Kind > KindDropped):
		return fmt.Errorf("event %d has a message type, but %s is not a message kind", j.Seq, j.Kind)
	}
	for _, m := range []MemberID{j.Member, j.Peer} {
		if int(m) > len(t.Members) {
			return fmt.Errorf("event %d names member %d; the header has %s", j.Seq, m, t.known())
		}
	}
	return nil
}

// known lists the members that the header names.
func (t *Trace) known() string {
	switch n := len(t.Members); n {
	case 0:
		return "none"
	case 1:
		return "member 1 only"
	default:
		return fmt.Sprintf("members 1 to %d", n)
	}
}

// Missing returns how many events of the whole run this trace lacks, and the
// number of the first of them. What was left out on purpose can't be told from what was lost, so a
// trace that says that it lacks some kinds misses nothing. Nor does the end of a trace show
// whether more should follow.
func (t *Trace) Missing() (count int, first uint64) {
	if len(t.Without) > 0 {
		return 0, 0
	}
	have := uint64(0)
	for e := range t.All(AllKinds) {
		if have++; first == 0 && e.Seq != have {
			first = have
		}
	}
	last, _ := t.Last()
	return int(last - have), first
}

// plainJSON says what was wrong in the words of the file, not of the program.
func plainJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return fmt.Errorf("%s instead of %s", value(wrong.Value), expected(wrong.Type))
		}
		// What headerText embeds is not part of the file.
		field := strings.NewReplacer("Header.", "", "scenario.Scenario.", "scenario.").Replace(wrong.Field)
		return fmt.Errorf("%s is %s instead of %s", field, value(wrong.Value), expected(wrong.Type))
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not JSON from byte %d: %w", syntax.Offset, err)
	}
	if errors.Is(err, io.EOF) {
		return errors.New("an empty line")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the line ends too early")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return fmt.Errorf("unknown field %q%s", name, text.DidYouMean(name, fieldNames))
	}
	return err
}

// value is JSON's name for what was found, for a sentence.
func value(found string) string {
	if number, ok := strings.CutPrefix(found, "number "); ok {
		return number
	}
	switch found {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + found
	}
	return "a " + found
}

// expected says what belongs in a field of a type.
func expected(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "a whole number of nanoseconds"
	}
	if t.Implements(textType) || reflect.PointerTo(t).Implements(textType) {
		return "text"
	}
	switch t.Kind() {
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		return fmt.Sprintf("a whole number from 0 to %d", ^uint64(0)>>(64-t.Bits()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	}
	return "an object"
}

var textType = reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()

// fieldNames are the fields of events and of the header.
var fieldNames = slices.Concat(jsonNames(reflect.TypeFor[jsonEvent]()), jsonNames(reflect.TypeFor[Header]()))

// jsonNames lists the names that a struct's fields have on disk.
func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
