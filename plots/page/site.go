package page

import (
	"fmt"
	"html/template"
	"strconv"

	"quorumlab/internal/text"
	"quorumlab/plots/page/play"
	"quorumlab/plots/page/replay"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// SiteFile is a file of a site.
type SiteFile struct {
	Path string // below the site's root, with slashes
	Type string // its media type
	Body []byte
}

// Site is the pages of some runs, as files for any web server.
type Site struct {
	files []SiteFile
	runs  []listed
	// Token, if not empty, adds the page to play on, for a server that runs what it asks for: see [Play].
	Token string
	// Live, if not empty, adds the page of a running cluster of that name, for a server that has one: see package live.
	Live string
	// Version, if not empty, is the program's, for the traces of what is played, and adds the page to play on, which
	// runs the simulator itself if this program has it for browsers: see [HasEngine].
	Version string
}

// plays reports whether there is a page to play on.
func (s *Site) plays() bool { return s.Token != "" || s.inBrowser() }

// inBrowser reports whether what is played runs in the browser.
func (s *Site) inBrowser() bool { return s.Version != "" && HasEngine() }

// listed is a run in the list.
type listed struct {
	Dir, Title, Name, Engine string
	Seed                     uint64
}

// pageView is what the template of a run's page shows.
type pageView struct {
	listed
	Policy string
	Looks  template.HTML
	Many   bool
	Play   bool   // it is the page to play on
	Token  string // with which it may ask the server for runs, or empty
	// Version is the program's, on a page that runs the simulator itself; else empty.
	Version string
}

// Add adds a run to the site and returns the path of its page, which ends in a slash.
func (s *Site) Add(t *sim.Trace, r *check.Result) (path string, err error) {
	packed, err := replay.Encode(t, r, 0)
	if err != nil {
		return "", err
	}
	l := listed{Dir: s.free(fmt.Sprintf("%s-%s-seed%d", t.Scenario.Name, t.Engine, t.Seed)),
		Title: text.ShownLine(t.Scenario.Title), Name: text.ShownLine(t.Scenario.Name), Engine: text.ShownLine(t.Engine),
		Seed: t.Seed}
	if l.Title == "" {
		l.Title = l.Name
	}
	s.runs = append(s.runs, l)
	s.files = append(s.files, SiteFile{l.Dir + "/run.qlr", "application/octet-stream", packed})
	return l.Dir + "/", nil
}

// free is a name for a folder that no run of the site has yet.
func (s *Site) free(name string) string {
	taken := map[string]bool{}
	for _, r := range s.runs {
		taken[r.Dir] = true
	}
	try := name
	for i := 2; taken[try]; i++ {
		try = name + "-" + strconv.Itoa(i)
	}
	return try
}

// Files are all files of the site: the list of the runs, their pages and what these need.
func (s *Site) Files() ([]SiteFile, error) {
	looks, err := looksHTML()
	if err != nil {
		return nil, err
	}
	files := append([]SiteFile{
		{"player.js", "text/javascript; charset=utf-8", []byte(script)},
		{"player.css", "text/css; charset=utf-8", []byte(style)},
		{"page.css", "text/css; charset=utf-8", []byte(frame)},
	}, s.files...)
	add := func(path string, t *template.Template, data any) error {
		b, err := render(t, data)
		files = append(files, SiteFile{path, "text/html; charset=utf-8", b})
		return err
	}
	for _, r := range s.runs {
		v := pageView{listed: r, Policy: documentPolicy, Looks: looks, Many: len(s.runs) > 1 || s.plays()}
		if err := add(r.Dir+"/index.html", pageTemplate, v); err != nil {
			return nil, err
		}
	}
	if s.plays() {
		if err := s.addPlay(add, looks); err != nil {
			return nil, err
		}
		if s.inBrowser() {
			engine, err := engineFiles()
			if err != nil {
				return nil, err
			}
			files = append(files, engine...)
		}
	}
	if s.Live != "" {
		files = append(files, SiteFile{"live.js", "text/javascript; charset=utf-8", []byte(liveScript)},
			SiteFile{"live.css", "text/css; charset=utf-8", []byte(liveStyle)})
		if err := add(LivePath+"index.html", livePage, liveView{s.Live, documentPolicy, looks}); err != nil {
			return nil, err
		}
	}
	err = add("index.html", listTemplate, struct {
		Policy string
		Runs   []listed
		Play   bool
		Tasks  []play.Challenge
	}{documentPolicy, s.runs, s.plays(), play.Challenges()})
	return files, err
}

// addPlay adds the page to play on.
func (s *Site) addPlay(add func(string, *template.Template, any) error, looks template.HTML) error {
	tasks, err := dataHTML("player-challenges", play.Challenges())
	if err != nil {
		return err
	}
	v := pageView{listed: listed{Title: "Play"}, Policy: documentPolicy, Looks: looks + "\n" + tasks,
		Many: len(s.runs) > 0, Play: true, Token: s.Token}
	if s.inBrowser() {
		v.Version = s.Version
	}
	return add(PlayPath+"index.html", pageTemplate, v)
}
