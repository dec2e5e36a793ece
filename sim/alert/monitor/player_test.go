package monitor

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quorumlab/sim/alert"
)

// recorded is a recording of two members, of which n2 goes after three moments and is no
// target any more after five.
func recorded(t *testing.T) *MetricsRecording {
	t.Helper()
	r := &MetricsRecording{Every: time.Second}
	for i := range 8 {
		answers := map[string][]byte{"n1": fmt.Appendf(nil, "leads 1\nputs{code=\"OK\"} %d\nother 1\n", 10*i)}
		if i < 5 {
			answers["n2"] = nil
		}
		if i < 3 {
			answers["n2"] = []byte("leads 0\nputs{code=\"OK\"} 0.25\n")
		}
		if err := r.Add(answers, func(metric string) bool { return metric != "other" }); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestRecordingAsAFile(t *testing.T) {
	const want = `interval: 1s
input_series:
  - series: '{__name__="leads", instance="n1", job="etcd"}'
    values: '1x7'
  - series: '{__name__="leads", instance="n2", job="etcd"}'
    values: '0x2'
  - series: '{__name__="puts", code="OK", instance="n1", job="etcd"}'
    values: '0 10 20 30 40 50 60 70'
  - series: '{__name__="puts", code="OK", instance="n2", job="etcd"}'
    values: '0.25x2'
  - series: '{__name__="up", instance="n1", job="etcd"}'
    values: '1x7'
  - series: '{__name__="up", instance="n2", job="etcd"}'
    values: '1x2 0x1'
`
	text := recorded(t).Format()
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Error(d)
	}
	again, err := ParseRecording(text)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(again.Format())); d != "" {
		t.Errorf("read and written again: %s", d)
	}
}

func TestBadRecordings(t *testing.T) {
	for text, want := range map[string]string{
		"interval: 1s\nseries: []": `[2:1] unknown field "series"`,
		"interval: soon":           `interval "soon": want a time like 500ms`,
		"input_series: []":         `interval "": want a time like 500ms`,
		"interval: 1s\ninput_series: [{series: up, values: 1 a}]": "series up: ",
	} {
		if _, err := ParseRecording([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// What a player says is what a monitor would have said at the time.
func TestPlay(t *testing.T) {
	p := NewPlayer(recorded(t), 30)
	for _, c := range []struct {
		rule alert.Rule
		want []string
	}{
		{alert.Rule{Expr: `up == 0`, For: 30 * time.Second}, []string{"n2 pending 3s-4s", "n2 firing 4s-5s"}},
		{alert.Rule{Expr: `leads == 0`}, []string{"n2 firing 0s-3s"}},
		{alert.Rule{Expr: `absent(up{instance="n2"})`}, []string{"n2 firing 5s-8s"}},
		{alert.Rule{Expr: `rate(puts[1m]) > 5`, For: time.Minute}, []string{"n1 pending 2s-4s", "n1 firing 4s-8s"}},
		{alert.Rule{Expr: `{__name__=~"lea.*", instance="n1"}`, For: time.Hour}, []string{"n1 pending 0s-8s"}},
	} {
		got, err := p.Play(t.Context(), c.rule)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, a := range got {
			texts = append(texts, fmt.Sprintf("%s %s %s-%s", a.Labels.Get("instance"), a.State, a.From, a.To))
		}
		if d := cmp.Diff(c.want, texts); d != "" {
			t.Errorf("%s: %s", c.rule.Expr, d)
		}
	}
	if _, err := p.Play(t.Context(), alert.Rule{Expr: "up =="}); err == nil {
		t.Error("a rule that is none was played")
	}
}

func TestAsk(t *testing.T) {
	v, err := NewPlayer(recorded(t), 60).Ask(t.Context(), `increase(puts{instance="n1"}[4m])`, 7)
	if err != nil || len(v) != 1 || v[0].F != 40 {
		t.Errorf("got %v, %v", v, err)
	}
}
