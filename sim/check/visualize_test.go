package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// drawing is what the page that Visualize writes holds.
type drawing struct {
	Partitions []struct {
		History []struct {
			ClientId    int
			Description string
			Metadata    string
		}
		PartialLinearizations [][]struct{ StateDescription string }
	}
	Annotations []struct {
		Tag, Description, Details string
		Start, End                int
	}
}

func draw(t *testing.T, tr *sim.Trace) drawing {
	t.Helper()
	var page, again bytes.Buffer
	if err := Visualize(tr, &page); err != nil {
		t.Fatal(err)
	}
	if Visualize(tr, &again); !bytes.Equal(page.Bytes(), again.Bytes()) {
		t.Error("drawing again gives other bytes")
	}
	_, script, _ := strings.Cut(page.String(), "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	p := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'\""
	if !strings.Contains(page.String(), p) {
		t.Errorf("its policy does not have %s", p)
	}
	if strings.ContainsFunc(page.String(), text.Obeyed) {
		t.Error("it holds what a browser would obey")
	}
	_, rest, _ := strings.Cut(page.String(), "const data = ")
	var d drawing
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&d); err != nil {
		t.Fatalf("%v in %.100q", err, rest)
	}
	return d
}

func TestThePictureOfHostileKeysIsStillOne(t *testing.T) {
	const key = "</script><img src=x onerror=alert(1)>\u202e\u2028\x7f"
	p := newTape(3).at(1000)
	p.put(1, key, 1, 2, 5)
	if d := draw(t, p.trace()); len(d.Partitions) != 1 || len(d.Partitions[0].History) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestThePictureOfAGoodHistoryHasEveryKeyAndTheFaults(t *testing.T) {
	p := newTape(3).at(1000)
	a := p.begin("crash n3")
	p.put(1, "a", 1, 2, 5)
	p.call(3, sim.OpPut, "a", 9, 0)
	b := p.begin("slow-disk n1 5ms")
	p.get(2, "a", 9, 2, 5)
	p.finish(a, "crash n3")
	p.put(1, "b", 2, 3, 5)
	p.finish(b, "slow-disk n1 5ms")
	d := draw(t, p.trace())
	if len(d.Partitions) != 2 || len(d.Partitions[0].History) != 3 || len(d.Partitions[1].History) != 1 {
		t.Fatalf("%+v", d)
	}
	op := d.Partitions[0].History[1]
	if op.Description != "put 9 ?" || op.Metadata != "client 3's put of value 9 to a, asked at 1.005 s (event 7), never "+
		"answered" {
		t.Errorf("%+v", op)
	}
	order := d.Partitions[0].PartialLinearizations[0]
	if len(order) != 3 || order[2].StateDescription != "value 9" {
		t.Errorf("%+v", order)
	}
	if len(d.Annotations) != 2 || d.Annotations[0].Description != "crash n3" ||
		d.Annotations[0].Details != "from 1.0 s to 1.01 s" ||
		d.Annotations[0].Tag == d.Annotations[1].Tag {
		t.Errorf("%+v", d.Annotations)
	}
}

func TestThePictureOfABadHistoryIsItsCulprit(t *testing.T) {
	p := newTape(3).at(1000)
	p.put(1, "a", 1, 2, 5)
	for v := range uint64(300) {
		p.put(1, "k", v+10, v+3, 5)
	}
	p.get(2, "k", 300, 400, 5)
	p.put(1, "k", 900, 500, 5)
	d := draw(t, p.trace())
	if len(d.Partitions) != 1 {
		t.Fatalf("%d keys are drawn", len(d.Partitions))
	}
	h := d.Partitions[0].History
	if last := h[len(h)-1]; last.Description != "get: 300" || len(h) < around || len(h) > around+5 {
		t.Errorf("%d operations, the last is %q", len(h), last.Description)
	}
	for _, order := range d.Partitions[0].PartialLinearizations {
		if len(order) == len(h) {
			t.Error("the culprit has a place")
		}
	}
}

func TestAPictureOfNothing(t *testing.T) {
	p := newTape(3)
	p.begin("heal")
	if d := draw(t, p.trace()); len(d.Annotations) != 0 {
		t.Errorf("%+v", d)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestVisualizeReportsAWriterThatFails(t *testing.T) {
	if err := Visualize(newTape(1).trace(), full{}); err == nil {
		t.Error("no error")
	}
}
