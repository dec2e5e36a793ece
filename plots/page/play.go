package page

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"

	"quorumlab/plots/page/play"
)

// PlayPath is where a site has the page to play on.
const PlayPath = "play/"

// Play runs what the page to play on asks for. Whoever asks must know the token, which the page has.
type Play struct {
	Token   string
	version string
	turn    chan struct{} // one run at a time: a run takes all of a processor
}

// NewPlay makes a token that nobody can guess. Version is the program's, for the traces.
func NewPlay(version string) *Play {
	return &Play{Token: rand.Text(), version: version, turn: make(chan struct{}, 1)}
}

// serve answers a request of package play.
func (p *Play) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		http.Error(w, "a run is asked for with POST", http.StatusMethodNotAllowed)
		return
	case subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Token")), []byte(p.Token)) != 1:
		http.Error(w, "only the page may ask for runs: the token is missing or wrong", http.StatusForbidden)
		return
	}
	var q play.Request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*play.MostText)).Decode(&q); err != nil {
		http.Error(w, "this is no request for a run: "+err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-r.Context().Done():
		return
	}
	a, err := play.Do(r.Context(), p.version, q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body, err := a.Bytes()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a browser that has gone away needs no answer
}
