package check

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/script"
)

// maxDrawn bounds the operations in a picture: a browser copes with no more.
const maxDrawn = 2000

// around is how many operations before a culprit its picture shows at least.
const around = 60

// Visualize draws the clients' history as a page that opens in a browser: a lane per
// client and key, the order of the operations that porcupine finds, or how far it
// gets, and above them the faults. If the history is not linearizable, the page
// shows the key that proves it, from some operations before the culprit on;
// otherwise whole keys by name, up to 2000 operations, but one key at least.
// Errors are those of w.
func Visualize(t *sim.Trace, w io.Writer) error {
	p := newPicture(newRun(t).keyHistories())
	m := model
	m.Init = func() any { return p.init }
	m.Partition = func([]porcupine.Operation) [][]porcupine.Operation { return p.keys }
	m.DescribeOperationMetadata = func(q any) string { return q.(*request).details(t) }
	bounded := m
	bounded.Step = p.step
	_, info := porcupine.CheckOperationsVerbose(bounded, nil, 0)
	for _, orders := range info.PartialLinearizations() {
		slices.SortFunc(orders, func(a, b []int) int { // they come out of a map
			return cmp.Or(-cmp.Compare(len(a), len(b)), slices.Compare(a, b))
		})
	}
	info.AddAnnotations(p.faults(t))
	var page bytes.Buffer
	if err := porcupine.Visualize(m, info, &page); err != nil {
		return err
	}
	_, err := io.WriteString(w, guarded(text.Shown(page.String())))
	return err
}

// guarded lets the page's own script run and nothing else: it shows keys and values as HTML.
func guarded(page string) string {
	const head = "<head>"
	_, own, _ := strings.Cut(page, "<script>")
	own = own[:max(0, strings.LastIndex(own, "</script>"))]
	sum := sha256.Sum256([]byte(own))
	policy := fmt.Sprintf("\n    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "+
		"style-src 'unsafe-inline'; script-src 'sha256-%s'\" />", base64.StdEncoding.EncodeToString(sum[:]))
	return strings.Replace(page, head, head+policy, 1)
}

// picture is what is drawn.
type picture struct {
	init     content // of every key, before the first operation
	keys     [][]porcupine.Operation
	from, to int64           // the first call and the last return
	left     map[string]*int // steps that the search may still take in a key
}

func newPicture(histories []*keyHistory) *picture {
	p := &picture{from: math.MaxInt64, left: map[string]*int{}}
	if h := culprits(histories); h != nil {
		p.add(h.key, p.shorten(h.operations()))
		return p
	}
	drawn := 0
	for _, h := range histories {
		if ops := h.operations(); drawn == 0 || drawn+len(ops) <= maxDrawn {
			p.add(h.key, ops)
			drawn += len(ops)
		}
	}
	return p
}

// culprits is the first history that is impossible, up to the operation that makes
// it so, or nil.
func culprits(histories []*keyHistory) *keyHistory {
	budget := searchBudget
	for _, h := range histories {
		if h.judge(&budget) == impossible {
			return h.blame().history
		}
	}
	return nil
}

// shorten cuts off what lies before the last operation that no other overlaps and
// that has enough behind it: what the key held after it is known.
func (p *picture) shorten(ops []porcupine.Operation) []porcupine.Operation {
	cut, returned := 0, int64(math.MinInt64)
	for i := 0; i < len(ops)-around; i++ {
		if ops[i].Call > returned && ops[i].Return < ops[i+1].Call {
			cut = i
		}
		returned = max(returned, ops[i].Return)
	}
	if q := ops[cut].Input.(*request); cut > 0 && q.looks {
		p.init = content(q.found)
	}
	return ops[cut:]
}

// add draws a key. How far the search may go is counted in steps, see searchBudget.
func (p *picture) add(key string, ops []porcupine.Operation) {
	for i := range ops {
		ops[i].Metadata = ops[i].Input
		p.from, p.to = min(p.from, ops[i].Call), max(p.to, ops[i].Call)
		if ops[i].Return != never {
			p.to = max(p.to, ops[i].Return)
		}
	}
	steps := 1 << 20 / (1 + len(ops)/64)
	p.keys, p.left[key] = append(p.keys, ops), &steps
}

// step is the model's step as long as the key has steps left. Keys are searched
// side by side, each with a count of its own.
func (p *picture) step(state, input, output any) (bool, any) {
	left := p.left[input.(*request).op.call.Key]
	if *left--; *left < 0 {
		return false, state
	}
	return model.Step(state, input, output)
}

// details says when the operation was and who answered.
func (q *request) details(t *sim.Trace) string {
	o := q.op
	s := fmt.Sprintf("%s, asked at %s (event %d)", o.sentence(), moment(o.call.At), o.call.Seq)
	if o.ret == nil {
		return s + ", never answered"
	}
	s += fmt.Sprintf(", %s at %s (event %d)", o.ret.Result, moment(o.ret.At), o.ret.Seq)
	if o.ret.Member != 0 {
		s += ", " + t.Name(o.ret.Member)
	}
	if o.ret.Revision != 0 {
		s += fmt.Sprintf(", revision %d", o.ret.Revision)
	}
	return s
}

// faults are the bands of the faults that touch the picture, in as many lanes as
// it takes that they don't overlap.
func (p *picture) faults(t *sim.Trace) (as []porcupine.Annotation) {
	var lanes []int64 // where each ends
	for _, b := range bands(t) {
		if p.to < p.from || b.fromSeq > uint64(p.to) || b.toSeq != 0 && b.toSeq < uint64(p.from) {
			continue
		}
		begin, end := max(int64(b.fromSeq), p.from), p.to
		if b.toSeq != 0 {
			end = min(int64(b.toSeq), p.to)
		}
		lane := slices.IndexFunc(lanes, func(ends int64) bool { return ends < begin })
		if lane < 0 {
			lane, lanes = len(lanes), append(lanes, 0)
		}
		lanes[lane] = max(begin, end)
		as = append(as, porcupine.Annotation{
			Tag: fmt.Sprintf("faults %d", lane+1), Start: begin, End: max(begin, end), Description: b.text,
			Details: fmt.Sprintf("from %s to %s", moment(b.from), moment(b.to)), BackgroundColor: "#f4c7a1"})
	}
	return as
}

// band is a statement while it lasted.
type band struct {
	span
	text string
}

// bands lists the statements in the order in which they took effect. One that is
// over at once lasts no time; one that never ended lasts to the end of the run and
// has no last event.
func bands(t *sim.Trace) (bs []band) {
	open := map[uint64]int{}
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case sim.KindFaultBegun:
			b := band{span{e.At, e.At, e.Seq, e.Seq}, e.Note}
			if st, err := script.Parse(e.Note); err == nil && script.VerbNamed(st.Verb).Lasts {
				b.to, b.toSeq = t.End(), 0
				open[e.ID] = len(bs)
			}
			bs = append(bs, b)
		case sim.KindFaultEnded:
			if at, ok := open[e.ID]; ok {
				bs[at].to, bs[at].toSeq = e.At, e.Seq
				delete(open, e.ID)
			}
		}
	}
	return bs
}
