package page

import (
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Handler serves a site's files to browsers on this machine, and nobody else: it answers only requests whose Host is
// a name of the loopback interface, so that no other site's name can be made to lead here, and only those that no
// other site's page sent. It changes nothing and takes nothing but GET and HEAD, except for what p runs, if it is not
// nil, and what others answer below their paths, who check tokens of their own.
func Handler(files []SiteFile, p *Play, others ...Below) http.Handler {
	byPath := make(map[string]SiteFile, len(files))
	for _, f := range files {
		byPath["/"+f.Path] = f
		if dir, ok := strings.CutSuffix(f.Path, "index.html"); ok {
			byPath["/"+dir] = f
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !loopback(r.Host) || !sameSite(r) {
			http.Error(w, "this page is for browsers on its own machine", http.StatusForbidden)
			return
		}
		if p != nil && r.URL.Path == "/"+PlayPath+"run" {
			p.serve(w, r)
			return
		}
		for _, o := range others {
			if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/"+o.Path) {
				o.Handler.ServeHTTP(w, r)
				return
			}
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "this page can only be read", http.StatusMethodNotAllowed)
			return
		}
		f, ok := byPath[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if f.Path == workerPath {
			h.Set("Content-Security-Policy", workerPolicy)
		}
		h.Set("Content-Type", f.Type)
		h.Set("Content-Length", strconv.Itoa(len(f.Body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(f.Body) // a browser that has gone away needs no answer
		}
	})
}

// Below answers the POST requests below a path of a site, like "live/".
type Below struct {
	Path    string
	Handler http.Handler
}

// loopback reports whether a request's Host is a name of this machine for itself.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// sameSite reports whether a request comes from this server's own pages, or from a person's address bar or link.
func sameSite(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" && o != "http://"+r.Host {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "none" || site == "same-origin" || r.Header.Get("Sec-Fetch-Mode") == "navigate"
}
