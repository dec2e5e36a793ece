package live

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"quorumlab/internal/text"
	"quorumlab/plots/page"
	"quorumlab/plots/page/replay"
	"quorumlab/sim"
	"quorumlab/sim/run"
	"quorumlab/sim/sandbox"
)

// Relay answers what the page asks. Whoever asks must know the token, which is in the address that is shown to the
// user who started the sandbox, and in no file.
type Relay struct {
	Token   string
	sandbox *sandbox.Sandbox
	version string
	turns   chan struct{}
}

// The bounds of what browsers may ask for.
const (
	mostAtOnce  = 32               // requests, of all pages
	mostRequest = 16 << 10         // bytes of one
	longest     = 20 * time.Second // that a page waits for news
)

// New makes a relay of a sandbox with a token that nobody can guess. Version is the program's.
func New(b *sandbox.Sandbox, version string) *Relay {
	return &Relay{Token: rand.Text(), sandbox: b, version: version, turns: make(chan struct{}, mostAtOnce)}
}

// asked is any of the requests: each reads the fields that it needs.
type asked struct {
	Seq   uint64   `json:"seq"`   // of the last event that the page has
	Line  uint64   `json:"line"`  // of the last line that was told
	Say   string   `json:"say"`   // what is to be carried out
	Words []string `json:"words"` // to be completed
}

// ServeHTTP answers requests for what is below the page's path. All of them are POST, have the token in the header
// X-Token, and have a JSON object as body.
func (s *Relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		http.Error(w, "the cluster is asked with POST", http.StatusMethodNotAllowed)
		return
	case subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Token")), []byte(s.Token)) != 1:
		http.Error(w, "the token is missing or wrong: open the address that quorumlab up printed, or do page prints",
			http.StatusForbidden)
		return
	}
	var q asked
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest)).Decode(&q); err != nil {
		http.Error(w, "this is no request: "+err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	default:
		http.Error(w, fmt.Sprintf("more than %d requests at once", mostAtOnce), http.StatusServiceUnavailable)
		return
	}
	switch r.URL.Path {
	case "/" + page.LivePath + "watch":
		s.watch(w, r, q)
	case "/" + page.LivePath + "status":
		s.status(w, r)
	case "/" + page.LivePath + "say":
		s.say(w, r, q)
	case "/" + page.LivePath + "words":
		answer(w, map[string]any{"words": nonNil(s.sandbox.Completions(q.Words))})
	case "/" + page.LivePath + "language":
		answer(w, s.language())
	default:
		http.NotFound(w, r)
	}
}

// piece is what goes before the events of a piece of the run.
type piece struct {
	Anew  bool          `json:"anew"`  // it does not follow on what the page has
	Begin time.Duration `json:"begin"` // of the events that are complete, if anew
	Now   time.Duration `json:"now"`
	Line  uint64        `json:"line"` // of the last line told
	Lines []spoken      `json:"lines"`
	Ended bool          `json:"ended"`
}

// spoken is a line that was told.
type spoken struct {
	At   time.Duration `json:"at"`
	Text string        `json:"text"`
}

// watch answers with what came after an event: the length of the head in four bytes, the head as JSON, and the
// events as package replay packs a run of them alone.
func (s *Relay) watch(w http.ResponseWriter, r *http.Request, q asked) {
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	n := s.sandbox.Watch(ctx, q.Seq, q.Line)
	if r.Context().Err() != nil {
		return // the browser has gone away
	}
	p := piece{Anew: n.Anew, Begin: n.Begin, Now: n.Now, Line: n.Line, Lines: []spoken{}, Ended: n.Ended}
	for _, l := range n.Lines {
		p.Lines = append(p.Lines, spoken{l.At, text.ShownLine(l.Text)})
	}
	scenario := s.sandbox.Scenario()
	scenario.Run, scenario.Steps, scenario.Expect = 0, nil, nil
	t := &sim.Trace{Header: sim.Header{Format: sim.TraceFormat, Engine: "etcd", Version: s.version, Scenario: *scenario,
		Members: n.Members}, Events: n.Events}
	packed, err := replay.Encode(t, nil, 0)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	head, err := json.Marshal(p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body := append(append(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head...), packed...)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a browser that has gone away needs no answer
}

// status answers with the cluster's state, as quorumlab do --json status does.
func (s *Relay) status(w http.ResponseWriter, r *http.Request) {
	is, err := s.sandbox.Status(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	answer(w, is)
}

// said is the outcome of a line, as quorumlab do has it.
type said struct {
	Text  string `json:"text"`
	Error string `json:"error"`
	Usage bool   `json:"usage"` // the line is at fault: nothing was done
}

// say carries a line out.
func (s *Relay) say(w http.ResponseWriter, r *http.Request, q asked) {
	reply, err := s.sandbox.Do(r.Context(), q.Say, true)
	s.sandbox.Catch() // what it did is told before the answer
	a := said{Text: reply.Text}
	if err != nil {
		var bad *run.InputError
		a.Error, a.Usage = err.Error(), errors.As(err, &bad)
	}
	answer(w, a)
}

// phrase is a statement or another word that a line can begin with.
type phrase struct {
	Usage   string `json:"usage"`
	About   string `json:"about"`
	Example string `json:"example"`
}

// language is the name of the sandbox, and what can be said to it.
func (s *Relay) language() any {
	ps := []phrase{}
	for _, v := range s.sandbox.Verbs() {
		ps = append(ps, phrase{v.Usage(), v.About, v.Example})
	}
	for _, w := range sandbox.Words() {
		ps = append(ps, phrase{w.Name, w.About, w.Name})
	}
	return map[string]any{"name": s.sandbox.Name(), "phrases": ps, "urls": nonNil(s.sandbox.ClientURLs())}
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// answer writes an answer as JSON.
func answer(w http.ResponseWriter, a any) {
	body, err := json.Marshal(a)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a browser that has gone away needs no answer
}
