package live_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/plots/page"
	"quorumlab/plots/page/live"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/sandbox"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

// up is a sandbox of one member and the server of its page.
func up(t *testing.T) (b *sandbox.Sandbox, s *live.Relay, h http.Handler) {
	t.Helper()
	scenario, err := sandbox.DefaultScenario("lab", "cluster.members=1", "cluster.heartbeat=20ms",
		"cluster.election=200ms")
	if err != nil {
		t.Fatal(err)
	}
	if b, err = sandbox.Open(t.Context(), sandbox.Config{Name: "lab", Scenario: scenario, Idle: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	s = live.New(b, "v")
	files, err := (&page.Site{Live: "lab"}).Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if bytes.Contains(f.Body, []byte(s.Token)) {
			t.Errorf("%s has the token, and anybody may read it", f.Path)
		}
	}
	return b, s, page.Handler(files, nil, page.Below{Path: page.LivePath, Handler: s})
}

// ask asks as the page does.
func ask(t *testing.T, h http.Handler, token, what, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost:1/live/"+what, strings.NewReader(body))
	r.Header.Set("X-Token", token)
	r.Header.Set("Origin", "http://localhost:1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// pieceOf is the head of a piece, and whether events follow it.
func pieceOf(t *testing.T, w *httptest.ResponseRecorder) (head struct {
	Line  uint64
	Lines []struct{ Text string }
	Ended bool
}, packed []byte) {
	t.Helper()
	b, err := io.ReadAll(w.Body)
	if err != nil || w.Code != http.StatusOK || len(b) < 4 {
		t.Fatalf("code %d, %v: %.200s", w.Code, err, b)
	}
	n := 4 + binary.BigEndian.Uint32(b)
	if err := json.Unmarshal(b[4:n], &head); err != nil {
		t.Fatal(err)
	}
	return head, b[n:]
}

// The page is answered as quorumlab do is, and nobody else is answered.
func TestServer(t *testing.T) {
	b, s, h := up(t)
	if s.Token == live.New(b, "v").Token || len(s.Token) < 20 {
		t.Errorf("the token is %q", s.Token)
	}
	for _, tt := range []struct{ say, text, wrong string }{
		{"wait leader", "", ""},
		{"crash n1 for 10ms", "n1 crashed", ""},
		{"crush n1", "", `did you mean \"crash\"`},
		{"crash n9", "", `unknown member \"n9\"`},
		{"help crash", "kills the members", ""},
		{"status", "running for", ""},
	} {
		body, err := json.Marshal(map[string]string{"say": tt.say})
		if err != nil {
			t.Fatal(err)
		}
		w := ask(t, h, s.Token, "say", string(body))
		_, wrong, _ := strings.Cut(w.Body.String(), `"error":`)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), tt.text) || !strings.Contains(wrong, tt.wrong) ||
			tt.wrong == "" && !strings.HasPrefix(wrong, `""`) {
			t.Errorf("%s: code %d, %s", tt.say, w.Code, w.Body)
		}
	}
	head, packed := pieceOf(t, ask(t, h, s.Token, "watch", `{}`))
	if len(head.Lines) == 0 || !bytes.HasPrefix(packed, []byte("\x1f\x8b")) {
		t.Errorf("the first piece has the lines %v and %d bytes of events", head.Lines, len(packed))
	}
	if w := ask(t, h, s.Token, "words", `{"words": ["crash"]}`); !strings.Contains(w.Body.String(), `"leader"`) {
		t.Errorf("crash goes on with %s", w.Body)
	}
	for _, tt := range []struct {
		name, token, what, body string
		code                    int
	}{
		{"no token", "", "watch", `{}`, 403},
		{"a wrong token", s.Token + "x", "say", `{"say": "crash n1"}`, 403},
		{"no request", s.Token, "say", `[]`, 400},
		{"a flood", s.Token, "say", `{"say": "` + strings.Repeat("x", 1<<20) + `"}`, 400},
		{"something else", s.Token, "secret", `{}`, 404},
	} {
		if w := ask(t, h, tt.token, tt.what, tt.body); w.Code != tt.code {
			t.Errorf("%s: code %d, want %d: %.200s", tt.name, w.Code, tt.code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "http://evil.example/live/say", strings.NewReader(`{"say": "crash n1"}`))
	r.Header.Set("X-Token", s.Token)
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("under another site's name the answer is %d", w.Code)
	}
}

// Whoever waits for news is told when the cluster ends, and a browser that goes away leaves nothing behind, which
// TestMain sees.
func TestWatchEnds(t *testing.T) {
	b, s, h := up(t)
	gone, leave := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := httptest.NewRequestWithContext(gone, "POST", "http://localhost:1/live/watch",
			strings.NewReader(`{"seq": 1000000000, "line": 1000000000}`))
		r.Header.Set("X-Token", s.Token)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}()
	leave()
	<-done
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if head, _ := pieceOf(t, ask(t, h, s.Token, "watch", `{"seq": 1000000000, "line": 1000000000}`)); !head.Ended {
		t.Error("the page is not told that the cluster has ended")
	}
}
