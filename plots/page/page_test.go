package page_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"quorumlab/plots/page"
	"quorumlab/plots/plottest"
	"quorumlab/sim/check"
)

// The player names the namespaces of XML, and no other address.
func TestThePlayerFetchesNothingFromElsewhere(t *testing.T) {
	for _, m := range regexp.MustCompile(`(?:https?|wss?)://[^"'`+"`"+`]*`).FindAllString(page.Script(), -1) {
		if !strings.HasPrefix(m, "http://www.w3.org/") {
			t.Errorf("the script has the address %s", m)
		}
	}
	for _, not := range []string{"</script", "<!--", "eval(", "new Function", "sourceMappingURL"} {
		if strings.Contains(page.Script(), not) {
			t.Errorf("the script has %q", not)
		}
	}
	for _, not := range []string{"url(", "@import", "</style"} {
		if strings.Contains(page.Style(), not) {
			t.Errorf("the style has %q", not)
		}
	}
	if n := len(page.Script()) + len(page.Style()); n > 200_000 {
		t.Errorf("script and style have %d bytes", n)
	}
}

func site(t *testing.T) []page.SiteFile {
	t.Helper()
	var s page.Site
	tr := plottest.Small()
	tr.Scenario.Title = "</title><script>alert(1)</script>"
	for range 2 {
		if _, err := s.Add(tr, check.Judge(tr)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSite(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range site(t) {
		if seen[f.Path] {
			t.Errorf("two files are %s", f.Path)
		}
		seen[f.Path] = true
		if strings.HasSuffix(f.Path, ".html") && strings.Contains(string(f.Body), "<script>") {
			t.Errorf("%s has a script of the trace's", f.Path)
		}
	}
	for _, want := range []string{"index.html", "player.js", "player.css", "page.css"} {
		if !seen[want] {
			t.Errorf("there is no %s", want)
		}
	}
	pages := 0
	for p := range seen {
		if dir, ok := strings.CutSuffix(p, "/index.html"); ok {
			pages++
			if !seen[dir+"/run.qlr"] {
				t.Errorf("%s has no run", p)
			}
		}
	}
	if pages != 2 {
		t.Errorf("two runs of one name have %d pages", pages)
	}
}

func TestServerAnswersThisMachineOnly(t *testing.T) {
	h := page.Handler(site(t), nil)
	for _, tt := range []struct {
		name, method, path, host string
		header                   [2]string
		code                     int
	}{
		{"the list", "GET", "/", "127.0.0.1:80", [2]string{}, 200},
		{"by name", "GET", "/player.js", "localhost:80", [2]string{}, 200},
		{"IPv6", "HEAD", "/player.css", "[::1]:80", [2]string{}, 200},
		{"its own page", "GET", "/page.css", "localhost:1", [2]string{"Origin", "http://localhost:1"}, 200},
		{"a link elsewhere", "GET", "/", "localhost:1", [2]string{"Sec-Fetch-Mode", "navigate"}, 200},
		{"a name that leads here", "GET", "/", "evil.example:80", [2]string{}, 403},
		{"a name that looks like one of ours", "GET", "/", "localhost.evil.example", [2]string{}, 403},
		{"another page", "GET", "/", "localhost:1", [2]string{"Origin", "http://evil.example"}, 403},
		{"another port", "GET", "/", "localhost:1", [2]string{"Origin", "http://localhost:2"}, 403},
		{"a frame or script elsewhere", "GET", "/player.js", "localhost:1", [2]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"nothing there", "GET", "/../secret", "localhost:1", [2]string{}, 404},
		{"a change", "POST", "/", "localhost:1", [2]string{}, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, "http://"+tt.host+"/", nil)
			r.URL.Path, r.Host = tt.path, tt.host
			if tt.header[0] != "" {
				r.Header.Set(tt.header[0], tt.header[1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.code {
				t.Errorf("code %d, want %d", w.Code, tt.code)
			}
			p := w.Header().Get("Content-Security-Policy")
			if !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
				t.Errorf("the policy is %q", p)
			}
			if tt.method == http.MethodHead && w.Body.Len() > 0 {
				t.Error("the answer to HEAD has a body")
			}
		})
	}
}

// Only the page runs what is asked for: it alone has the token.
func TestPlayIsForThePageAlone(t *testing.T) {
	p := page.NewPlay("v")
	s := page.Site{Token: p.Token}
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	has := false
	for _, f := range files {
		has = has || f.Path == "play/index.html" && strings.Contains(string(f.Body), p.Token)
	}
	if !has || len(p.Token) < 20 || p.Token == page.NewPlay("v").Token {
		t.Errorf("the page has the token: %v; it is %q", has, p.Token)
	}
	h := page.Handler(files, p)
	const small = `{"scenario": "name: x\nrun: 1s\n"}`
	for _, tt := range []struct {
		name, method, token, origin, body string
		code                              int
	}{
		{"the page", "POST", p.Token, "http://localhost:1", small, 200},
		{"a mistake", "POST", p.Token, "", `{"scenario": "nonsense"}`, 200},
		{"no token", "POST", "", "http://localhost:1", small, 403},
		{"a wrong token", "POST", p.Token + "x", "", small, 403},
		{"another site", "POST", p.Token, "http://evil.example", small, 403},
		{"a link", "GET", p.Token, "", "", 405},
		{"no request", "POST", p.Token, "", "[]", 400},
		{"a flood", "POST", p.Token, "", `{"scenario": "` + strings.Repeat("x", 1<<20) + `"}`, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, "http://localhost:1/play/run", strings.NewReader(tt.body))
			r.Header.Set("X-Token", tt.token)
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.code {
				t.Errorf("code %d, want %d: %.200s", w.Code, tt.code, w.Body)
			}
		})
	}
	w := httptest.NewRecorder()
	page.Handler(files, nil).ServeHTTP(w, httptest.NewRequest("POST", "http://localhost:1/play/run",
		strings.NewReader(small)))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a server of files alone ran something: code %d", w.Code)
	}
}
