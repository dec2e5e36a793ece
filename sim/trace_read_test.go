package sim

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestTraceErrorsNameTheLine(t *testing.T) {
	text := string(written(t, smallTrace()))
	lines := strings.SplitAfter(text, "\n")
	change := func(from, to string) string {
		if !strings.Contains(text, from) {
			t.Fatalf("no %s in %s", from, text)
		}
		return strings.Replace(text, from, to, 1)
	}
	const begins = `; a trace begins with a header line, like {"format":1,"engine":"sim"`
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "line 1: the trace is empty; it begins with a header line"},
		{"not JSON", "hello\n",
			"line 1: not a trace header: not JSON from byte 1: " +
				"invalid character 'h' looking for beginning of value" + begins},
		{"an empty line", "\n",
			"line 1: not a trace header: not JSON from byte 1: unexpected end of JSON input" + begins},
		{"JSON of something else", "{\n  \"format\": 1\n",
			"line 1: not a trace header: not JSON from byte 2: unexpected end of JSON input" + begins},
		{"one object of something else", `{"name":"x"}` + "\n",
			"line 1: not a trace header: it has no format number" + begins},
		{"a list", "[1]\n", "line 1: not a trace header: it has no format number" + begins},
		{"a picture", "\x89PNG\r\n\x1a\n\x00", "line 1: not a trace header but binary data" + begins},
		{"zeros", strings.Repeat("\x00", 100) + "\n", "line 1: not a trace header but binary data" + begins},
		{"compressed", "\x1f\x8b\x08\n", "line 1: not a trace header: the file is compressed; gunzip unpacks it"},
		{"a later format", change(`"format":1`, `"format":99`),
			"line 1: unknown trace format 99; this version reads format 1"},
		{"no whole number for a format", change(`"format":1`, `"format":1.5`),
			"line 1: not a trace header: it has no format number" + begins},
		{"a field that the header does not have", change(`"engine"`, `"engines"`),
			`line 1: unknown field "engines" (did you mean "engine"?)`},
		{"a member that is a number", change(`["n1","n2"]`, `["n1",2]`),
			"line 1: members is a number instead of text"},
		{"cut short", text[:len(text)-5],
			"line 5: the line is truncated: it ends without a line feed, so the rest of the trace is missing"},
		{"its last line feed is gone", text[:len(text)-1],
			"line 5: the line is truncated: it ends without a line feed, so the rest of the trace is missing"},
		{"cut in the middle", lines[0] + lines[1] + lines[2][:20] + lines[3],
			`line 3: not JSON from byte 23: invalid character 's' after object key`},
		{"a hole of zeros", lines[0] + lines[1] + "\x00\x00\x00\n",
			`line 3: not JSON from byte 1: invalid character '\x00' looking for beginning of value`},
		{"an empty line among events", lines[0] + "\n" + lines[1], "line 2: an empty line"},
		{"unknown kind", change(`"kind":"state"`, `"kind":"statue"`),
			`line 3: unknown event kind "statue" (did you mean "state"?)`},
		{"unknown field", change(`"peer"`, `"pear"`), `line 3: unknown field "pear" (did you mean "peer"?)`},
		{"a time that is a text", change(`"at":6`, `"at":"6ns"`),
			"line 4: at is text instead of a whole number of nanoseconds"},
		{"a term below 0", change(`"term":2`, `"term":-2`),
			"line 3: term is -2 instead of a whole number from 0 to 18446744073709551615"},
		{"a member above what there can be", change(`"member":1,"peer"`, `"member":70000,"peer"`),
			"line 3: member is 70000 instead of a whole number from 0 to 65535"},
		{"a member that the header does not know", change(`"member":1,"peer"`, `"member":3,"peer"`),
			"line 3: event 2 names member 3; the header has members 1 to 2"},
		{"a peer that the header does not know", change(`"peer":1`, `"peer":9`),
			"line 3: event 2 names member 9; the header has members 1 to 2"},
		{"a list", lines[0] + "[]\n", "line 2: an array instead of an object"},
		{"no event", lines[0] + "{}\n",
			`line 2: not an event; one is a line like {"seq":1,"at":0,"kind":"started","member":1}`},
		{"no kind", lines[0] + `{"seq":3}` + "\n", "line 2: event 3 has no kind"},
		{"no number", lines[0] + `{"kind":"note"}` + "\n",
			"line 2: event 0 comes after event 0; the numbers in a trace only grow"},
		{"out of order", lines[0] + lines[2] + lines[1],
			"line 3: event 1 comes after event 2; the numbers in a trace only grow"},
		{"back in time", change(`"seq":3,"at":6`, `"seq":3,"at":4`),
			"line 4: event 3 is at 4ns, before event 2 at 5ns; the times in a trace never go back"},
		{"before the start", lines[0] + `{"seq":1,"at":-1,"kind":"note"}` + "\n",
			"line 2: event 1 is at -1ns, before event 0 at 0s; the times in a trace never go back"},
		{"a kind that was not kept", strings.TrimSuffix(lines[0], "}\n") + `,"without":["started"]}` + "\n" + lines[1],
			"line 2: event 1 is of kind started, but the header says that the trace was kept without it"},
		{"a message type where no message is", change(`"kind":"state"`, `"kind":"state","msg":"MsgApp"`),
			"line 3: event 2 has a message type, but state is not a message kind"},
		{"two on a line", lines[0] + strings.TrimSuffix(lines[1], "\n") + lines[2],
			"line 2: more than one value on the line"},
		{"two traces", text + text, "line 6: another trace begins here; a file holds one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadTrace(strings.NewReader(tt.text), bare)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error\n%v, want\n%s", err, tt.want)
			}
		})
	}
}

// zeros never ends.
type zeros struct{ line string }

func (z zeros) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], z.line)
	}
	return len(p), nil
}

func TestATraceWithoutEndIsRefused(t *testing.T) {
	_, err := ReadTrace(zeros{"\x00"}, bare)
	if err == nil || err.Error() != "line 1: the line is longer than 16MiB, the maximum for a trace" {
		t.Error(err)
	}
	header, event, _ := strings.Cut(string(written(t, smallTrace())), "\n")
	begin := header + "\n" + strings.SplitAfter(event, "\n")[0]
	r := io.MultiReader(strings.NewReader(begin), zeros{`{"seq":2,"at":7,"note":"`})
	_, err = ReadTrace(r, bare)
	if err == nil || err.Error() != "line 3: the line is longer than 16MiB, the maximum for a trace" {
		t.Error(err)
	}
}

func TestTooManyEvents(t *testing.T) {
	text := written(t, smallTrace())
	if _, err := StreamTrace(bytes.NewReader(text), bare, 4); err != nil {
		t.Error(err)
	}
	_, err := StreamTrace(bytes.NewReader(text), bare, 3)
	if !errors.Is(err, ErrTooManyEvents) || err.Error() != "line 5: too many events: the limit is 3" {
		t.Error(err)
	}
	var at *TraceError
	if !errors.As(err, &at) || at.Line != 5 {
		t.Errorf("the error is at %+v", at)
	}
}

func TestMissingEvents(t *testing.T) {
	tr := smallTrace()
	if n, _ := tr.Missing(); n != 0 {
		t.Errorf("%d events of a whole trace are missing", n)
	}
	tr.Events = slices.Delete(tr.Events, 1, 3)
	if n, first := tr.Missing(); n != 2 || first != 2 {
		t.Errorf("%d events are missing from event %d on, want 2 from event 2 on", n, first)
	}
	tr.Without = []Kind{KindState}
	if n, _ := tr.Missing(); n != 0 {
		t.Errorf("%d events are missing of a trace that is without some", n)
	}
}

// FuzzReadTrace: no input panics, and what can be read comes back, event by event and byte by byte,
// from what it is written as.
func FuzzReadTrace(f *testing.F) {
	text := written(f, smallTrace())
	f.Add(text)
	f.Add(text[:len(text)-5])
	f.Add(bytes.Replace(text, []byte(`"seq":3`), []byte(`"seq":1`), 1))
	f.Add([]byte(`{"format":1,"members":["a"],"without":["sent"]}` + "\n" +
		`{"seq":7,"at":3,"kind":"delivered","member":1,"msg":"MsgApp","note":"\u2028<>"}` + "\n"))
	f.Add([]byte("{\"format\":1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tr, err := ReadTrace(bytes.NewReader(text), bare)
		var at *TraceError
		if err != nil && (!errors.As(err, &at) || at.Line < 1 || at.Line > 1+bytes.Count(text, []byte("\n"))) {
			t.Fatalf("the error names no line of the trace: %v", err)
		}
		if err != nil {
			return
		}
		_ = tr.Header.Check() // does not panic
		again := written(t, tr)
		back, err := ReadTrace(bytes.NewReader(again), bare)
		if err != nil {
			t.Fatalf("%v in\n%s", err, again)
		}
		if !slices.Equal(back.Events, tr.Events) {
			t.Fatal("other events come back")
		}
		if !bytes.Equal(written(t, back), again) {
			t.Fatal("it is written as other bytes")
		}
	})
}
