package text

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"plain, über 日本 \t\n":           "plain, über 日本 \t\n",
		"\x1b]0;owned\a":                `\u001b]0;owned\u0007`,
		"a\x00b\r\x7f\u009b31m":         `a\u0000b\u000d\u007f\u009b31m`,
		"x\u202egnp.exe\u2066\u200f":    `x\u202egnp.exe\u2066\u200f`,
		"\u2028\u2029\xff\xc3(\xe2\x82": `\u2028\u2029\xff\xc3(\xe2\x82`,
	} {
		if got := Shown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := ShownLine("a\nb"); got != `a\nb` {
		t.Errorf("a line: %q", got)
	}
}

// FuzzShown: nothing of what comes out is obeyed, and JSON means the same.
func FuzzShown(f *testing.F) {
	f.Add("über \x1b[2J \u202e\xff\xe2\x82")
	f.Fuzz(func(t *testing.T, s string) {
		want := Shown(s)
		if !utf8.ValidString(want) || strings.ContainsFunc(want, Obeyed) {
			t.Fatalf("%q is shown as %q", s, want)
		}
		j, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		if err := json.Unmarshal(j, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(Shown(string(j))), &after); err != nil || before != after {
			t.Fatalf("JSON: %q became %q, %v", before, after, err)
		}
	})
}

func TestCSV(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd|'/c calc'!A1": "'=cmd|'/c calc'!A1", "+1+2": "'+1+2", "@SUM(A1)": "'@SUM(A1)", "-2+3": "'-2+3", "\t=1": "'\t=1",
		"\n=1": "'\n=1", "-1.5": "-1.5", "+3": "+3", "-": "-", "a=b": "a=b", "": "", "\x1b=": `\u001b=`, "\r=1": `\u000d=1`,
	} {
		var b strings.Builder
		if err := NewCSV(&b).WriteAll([][]string{{"head"}, {in, "end"}}); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(b.String()))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != want || rows[1][1] != "end" {
			t.Errorf("%q: %q, %v; want %q", in, rows, err, want)
		}
	}
}
