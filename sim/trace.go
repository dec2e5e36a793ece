package sim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/bits"
	"sort"
	"strconv"
	"time"
)

// TraceFormat is the version of the trace's format on disk.
const TraceFormat = 1

// Header is the first line of a trace: what was run, on what, with what.
type Header struct {
	Format  int    `json:"format"`
	Engine  string `json:"engine"`
	Seed    uint64 `json:"seed"`
	Version string `json:"version"` // of the tool
	// Module is the hash of the WebAssembly module that the run was made by, as "sha256:…": the same seed on the same
	// module gives the same events. Empty: of none.
	Module   string   `json:"module,omitempty"`
	Scenario Scenario `json:"scenario"`
	Members  []string `json:"members"`           // names; a member's ID is its place from 1
	Without  []Kind   `json:"without,omitempty"` // kinds that were not kept
}

// Trace is what a run left behind: its header and its events in order. Dropped kinds are
// named in the header.
type Trace struct {
	Header
	// Events are those in memory: all of them, unless the trace is streamed (Recorder.Stream).
	Events []Event

	tape *tape // has all events of one that is streamed, otherwise nil
	err  error // of keeping the events of one that is not
}

// take reads those events off a tape that are in memory, of a trace that was kept with some kinds.
func (t *Trace) take(from *tape, keep KindSet, streamed bool) error {
	t.tape = nil
	if streamed && keep&HighRate != 0 {
		t.tape, keep = from, keep&^HighRate
	}
	t.Events = make([]Event, 0, from.inMemory(streamed))
	for e := range from.all(keep) {
		t.Events = append(t.Events, *e)
	}
	return from.err()
}

// All visits the events of some kinds in order, also those that are not in memory. An event is valid until the next
// one: who keeps it, keeps a copy. Whether all could be read says Err.
func (t *Trace) All(kinds KindSet) iter.Seq[*Event] {
	if t.tape != nil && kinds&HighRate != 0 {
		return t.tape.all(kinds)
	}
	return func(yield func(*Event) bool) {
		for i := range t.Events {
			if e := &t.Events[i]; kinds.Has(e.Kind) && !yield(e) {
				return
			}
		}
	}
}

// Numbered finds an event by its number, also one that is not in memory.
func (t *Trace) Numbered(seq uint64) (Event, bool) {
	i := sort.Search(len(t.Events), func(i int) bool { return t.Events[i].Seq >= seq })
	switch {
	case i < len(t.Events) && t.Events[i].Seq == seq:
		return t.Events[i], true
	case t.tape != nil:
		return t.tape.numbered(seq)
	}
	return Event{}, false
}

// Len is how many events there are.
func (t *Trace) Len() int {
	if t.tape != nil {
		return t.tape.events
	}
	return len(t.Events)
}

// Last is the number and the time of the last event; 0 if there is none.
func (t *Trace) Last() (seq uint64, at time.Duration) {
	n := len(t.Events)
	switch {
	case t.tape != nil:
		return t.tape.last.seq, t.tape.last.at
	case n == 0:
		return 0, 0
	}
	return t.Events[n-1].Seq, t.Events[n-1].At
}

// Err is what went wrong while events were kept out of memory or read again, or nil. What was read off the trace
// until then may lack some.
func (t *Trace) Err() error {
	if t.tape == nil {
		return t.err
	}
	return t.tape.err()
}

// Close gives back what the events take, in memory and on the disk. Only the header is left.
func (t *Trace) Close() error {
	t.Events = nil
	if t.tape == nil {
		return nil
	}
	return t.tape.close()
}

// Name is a member's name.
func (t *Trace) Name(m MemberID) string {
	if m > 0 && int(m) <= len(t.Members) {
		return t.Members[m-1]
	}
	return m.String()
}

// End is the time of the last event, and at least the scenario's length unless a
// measure ended the run.
func (t *Trace) End() time.Duration {
	seq, at := t.Last()
	if seq > 0 && t.Scenario.Until != "" {
		return at
	}
	return max(at, t.Scenario.Run)
}

// Length is how long the run was, which is what measures see of it: as long as the scenario
// says, unless a measure ended it before. What comes after it, as answers to what was under
// way and final reads, is no longer the run.
func (t *Trace) Length() time.Duration {
	end := t.End()
	if t.Scenario.Run > 0 {
		return min(end, t.Scenario.Run)
	}
	return end
}

// Lacks reports whether the trace was kept without one of the kinds.
func (t *Trace) Lacks(ks KindSet) bool {
	for _, k := range t.Without {
		if ks.Has(k) {
			return true
		}
	}
	return false
}

// Observer sees each event of a run as it happens, including those that are not kept.
// The event is valid during the call only.
type Observer interface{ Observe(e *Event) }

// Choosy is an observer that reads events of some kinds only. A recorder shows it no
// others.
type Choosy interface {
	Observer
	Kinds() KindSet
}

// watcher is an observer and the kinds that it reads.
type watcher struct {
	Observer
	kinds KindSet
}

func newWatcher(o Observer) watcher {
	if c, ok := o.(Choosy); ok {
		return watcher{o, c.Kinds()}
	}
	return watcher{o, AllKinds}
}

// Recorder takes the events of one run, numbers them, shows them to its observers
// and keeps those of the wanted kinds. It is not safe for concurrent use: the etcd
// engine guards it.
type Recorder struct {
	keep     KindSet
	watchers []watcher
	read     KindSet // by watchers, or kept
	tape     *tape   // what was kept
	seq      uint64
	scratch  Event
	goal     Meter
	streamed bool // see Stream

	module string // that the run is made by

	most   int     // how many events are kept before those of the spared kinds go; 0: any number
	spared KindSet // see Limit
}

// NewRecorder keeps the events of the given kinds.
func NewRecorder(keep KindSet, observers ...Observer) *Recorder {
	r := &Recorder{keep: keep, read: keep, tape: &tape{}, watchers: make([]watcher, 0, len(observers)+1)}
	for _, o := range observers {
		r.Watch(o)
	}
	return r
}

// Limit has the recorder drop the spared kinds, past events included, once it
// has kept n events: a run that may last for days must not fill the memory with
// heartbeats. The trace says which kinds it lacks.
func (r *Recorder) Limit(n int, spared KindSet) { r.most, r.spared = n, spared }

// thin forgets the spared kinds.
func (r *Recorder) thin() {
	r.keep &^= r.spared
	r.spared = 0
	old := r.tape
	r.tape = &tape{}
	for e := range old.all(r.keep) {
		r.tape.add(e)
	}
	_ = old.close()
}

// Stream has the trace hold only what is not of HighRate kinds in memory; Trace.All visits the others too, reading
// them from a temporary file if they are many.
func (r *Recorder) Stream() { r.streamed = true }

// Watch adds an observer. It is called before the first event.
func (r *Recorder) Watch(o Observer) {
	w := newWatcher(o)
	r.watchers = append(r.watchers, w)
	r.read |= w.kinds
}

// Until has the run end as soon as the meter is done. It is called before the first event,
// for a scenario that says so (Scenario.Until): package check knows the measure's meter.
func (r *Recorder) Until(m Meter) {
	r.goal = m
	r.Watch(m)
}

// RanBy notes the hash of the module that makes the run (Header.Module). Engines call it.
func (r *Recorder) RanBy(module string) { r.module = module }

// Goal is the meter that ends the run, or nil. Engines ask it.
func (r *Recorder) Goal() Meter { return r.goal }

// Skip reports whether nobody reads events of a kind, and if so counts the event, which
// need not be put together then. It is called instead of Add.
func (r *Recorder) Skip(k Kind) bool {
	if r.read.Has(k) {
		return false
	}
	r.seq++
	return true
}

// Add takes an event and gives it its number. Events must come in order of time.
func (r *Recorder) Add(e Event) {
	if r.Skip(e.Kind) {
		return
	}
	r.seq++
	e.Seq = r.seq
	if r.spared != 0 && r.tape.events >= r.most {
		r.thin()
	}
	p := &r.scratch
	*p = e
	if r.keep.Has(e.Kind) {
		r.tape.add(p)
	}
	for i := range r.watchers {
		if w := &r.watchers[i]; w.kinds.Has(e.Kind) {
			w.Observe(p)
		}
	}
}

// Len is how many events were taken, kept or not.
func (r *Recorder) Len() int { return int(r.seq) }

// Trace returns what was recorded.
func (r *Recorder) Trace(s *Scenario, engine, version string) *Trace {
	t := &Trace{Header: Header{Format: TraceFormat, Engine: engine, Seed: s.Seed, Version: version, Scenario: *s}}
	t.Module = r.module
	t.err = t.take(r.tape, r.keep, r.streamed)
	for _, m := range s.Members() {
		t.Members = append(t.Members, m.Name)
	}
	for gone := AllKinds &^ r.keep &^ 1; gone != 0; gone &= gone - 1 {
		t.Without = append(t.Without, Kind(bits.TrailingZeros64(uint64(gone))))
	}
	return t
}

// Write writes the trace as JSON lines: the header, then an event a line. The
// bytes depend on the trace alone.
func (t *Trace) Write(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<16)
	h, err := json.Marshal(t.Header)
	if err != nil {
		return err
	}
	b.Write(h)
	b.WriteByte('\n')
	var line []byte
	for e := range t.All(AllKinds) {
		line = append(e.AppendJSON(line[:0]), '\n')
		if _, err := b.Write(line); err != nil {
			return err
		}
	}
	return errors.Join(b.Flush(), t.Err())
}

// AppendJSON appends the event as a line of a trace has it: its fields that are not zero, in a fixed order. It
// exists alongside encoding/json because a trace has hundreds of thousands of lines;
// a test holds the two equal.
func (e *Event) AppendJSON(b []byte) []byte {
	num := func(key string, v uint64) {
		if v != 0 {
			b = append(append(append(b, `,"`...), key...), `":`...)
			b = strconv.AppendUint(b, v, 10)
		}
	}
	text := func(key, v string) {
		if v != "" {
			b = append(append(append(b, `,"`...), key...), `":`...)
			q, _ := json.Marshal(v) // a string never fails
			b = append(b, q...)
		}
	}
	word := func(key, v string) { // of our own, nothing to escape
		if v != "" {
			b = append(append(append(append(b, `,"`...), key...), `":"`...), v...)
			b = append(b, '"')
		}
	}
	b = strconv.AppendUint(append(b, `{"seq":`...), e.Seq, 10)
	b = strconv.AppendInt(append(b, `,"at":`...), int64(e.At), 10)
	word("kind", e.Kind.String())
	num("member", uint64(e.Member))
	num("peer", uint64(e.Peer))
	if e.Kind >= KindSent && e.Kind <= KindDropped {
		word("msg", e.Msg.String())
	}
	word("role", e.Role.String())
	word("op", e.Op.String())
	word("result", e.Result.String())
	if e.Reject {
		b = append(b, `,"reject":true`...)
	}
	num("count", uint64(e.Count))
	num("client", uint64(e.Client))
	num("id", e.ID)
	num("term", e.Term)
	num("index", e.Index)
	num("logTerm", e.LogTerm)
	num("commit", e.Commit)
	text("key", e.Key)
	num("value", e.Value)
	num("old", e.Old)
	num("revision", e.Revision)
	text("note", e.Note)
	return append(b, '}')
}

// jsonEvent is Event with the names that it has on disk.
type jsonEvent struct {
	Seq      uint64        `json:"seq"`
	At       time.Duration `json:"at"` // nanoseconds
	Kind     Kind          `json:"kind"`
	Member   MemberID      `json:"member"`
	Peer     MemberID      `json:"peer"`
	Msg      msgName       `json:"msg"`
	Role     Role          `json:"role"`
	Op       OpKind        `json:"op"`
	Result   Outcome       `json:"result"`
	Reject   bool          `json:"reject"`
	Count    uint32        `json:"count"`
	Client   uint32        `json:"client"`
	ID       uint64        `json:"id"`
	Term     uint64        `json:"term"`
	Index    uint64        `json:"index"`
	LogTerm  uint64        `json:"logTerm"`
	Commit   uint64        `json:"commit"`
	Key      string        `json:"key"`
	Value    uint64        `json:"value"`
	Old      uint64        `json:"old"`
	Revision uint64        `json:"revision"`
	Note     string        `json:"note"`
}

type msgName MsgType

func (m *msgName) UnmarshalText(b []byte) error { return parseName(m, msgNames[:], "message type", b) }

// Language reads the words of the scenario that a trace's header holds. Package check
// has it, since it knows the checks and measures, and the statements by package script.
type Language struct {
	Statement   func(s string) (Statement, error)
	Expectation func(s string) (Expectation, error)
}

func (t *Trace) readHeader(line []byte, words Language) error {
	if err := readFormat(line); err != nil {
		return err
	}
	h := headerText{}
	if err := strict(line, &h); err != nil {
		return err
	}
	t.Header = h.Header
	t.Scenario = h.Scenario.Scenario
	return h.Scenario.parse(&t.Scenario, words)
}

// headerText is a Header whose statements and expectations are still text. Its fields
// hide those of the same names in what it embeds.
type headerText struct {
	Header
	Scenario scenarioText `json:"scenario"`
}

type scenarioText struct {
	Scenario
	Steps  []stepText
	Expect []string
}

type stepText struct {
	At, Within, For time.Duration
	Do              string
}

// parse fills in what is text.
func (s *scenarioText) parse(into *Scenario, words Language) error {
	for i, st := range s.Steps {
		do, err := words.Statement(st.Do)
		if err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		into.Steps = append(into.Steps, Step{At: st.At, Within: st.Within, For: st.For, Do: do})
	}
	for i, text := range s.Expect {
		e, err := words.Expectation(text)
		if err != nil {
			return fmt.Errorf("expectation %d: %w", i+1, err)
		}
		into.Expect = append(into.Expect, e)
	}
	return nil
}

func (t *Trace) readEvent(line []byte) error {
	var j jsonEvent
	if err := strict(line, &j); err != nil {
		return err
	}
	if err := t.checkEvent(&j); err != nil {
		return err
	}
	e := j.event()
	t.tape.add(&e)
	return t.tape.err()
}

// ParseEvent reads one line of a trace (Event.AppendJSON). The error is what is wrong with its form; whether the event
// can come where it does is up to the caller.
func ParseEvent(line []byte) (Event, error) {
	var j jsonEvent
	err := strict(line, &j)
	if err == nil && j.Kind == KindNone {
		err = errors.New("an event without a kind")
	}
	return j.event(), err
}

func (j *jsonEvent) event() Event {
	return Event{
		Seq: j.Seq, At: j.At, Kind: j.Kind, Member: j.Member, Peer: j.Peer, Msg: MsgType(j.Msg), Role: j.Role,
		Op: j.Op, Result: j.Result, Reject: j.Reject, Count: j.Count, Client: j.Client, ID: j.ID, Term: j.Term,
		Index: j.Index, LogTerm: j.LogTerm, Commit: j.Commit, Key: j.Key, Value: j.Value, Old: j.Old,
		Revision: j.Revision, Note: j.Note,
	}
}

func strict(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return plainJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value on the line")
	}
	return nil
}
