package tlsandclientcertificates

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/certs"
)

//go:embed task-new-authority-start.txt
var rotationStart []byte

//go:embed task-new-authority-model.txt
var rotationModel []byte

// rotationJudge carries the steps out on a real cluster, and after each has every client connect
// to every member.
var rotationJudge = lessons.CommandsJudge{
	Usage: []string{
		"members-trust-both", "members-trust-new", "clients-trust-both", "clients-trust-new",
		"members-show-new", "clients-show-new", "restart-members",
	},
	Most: mostSteps,
	Run:  judgeRotation,
}

// mostSteps is how many steps an answer may have.
const mostSteps = 30

func judgeRotation(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
	env.Say("three members and two clients, and %d steps", len(cs))
	o := cluster.Options{
		Names: []string{"n1", "n2", "n3"}, TLS: mutual, Dir: filepath.Join(env.Dir, "cluster"),
		Heartbeat: 20 * time.Millisecond, Election: 200 * time.Millisecond,
	}
	err = lessons.OnCluster(ctx, o, func(c *cluster.Real) error {
		r, err := newRotation(c, filepath.Join(env.Dir, "clients"))
		if err != nil {
			return err
		}
		if err := r.probe(ctx, "before the first step"); err != nil {
			return err
		}
		for _, s := range cs {
			if err := r.step(ctx, s); err != nil {
				return err
			}
		}
		ms, err = r.marks(ctx)
		return err
	})
	return ms, err
}

// rotation is a cluster and its clients on their way from one CA to another.
type rotation struct {
	c        *cluster.Real
	was, is  *certs.Authority
	members  string // the file of authorities that members believe, from their next start on
	clients  string // the file of authorities that clients believe
	apps     []certs.Pair
	old      certs.Pair // a client's, by the old authority, to try at the end
	showing  map[string]bool
	refused  []string // what went wrong, in order
	restarts int
}

// appNames are the clients.
var appNames = []string{"alice", "bob"}

func newRotation(c *cluster.Real, dir string) (*rotation, error) {
	r := &rotation{c: c, members: c.Member(1).ServerFiles().CA, clients: filepath.Join(dir, "ca.pem"),
		showing: map[string]bool{}}
	now := time.Now()
	var err error
	if r.was, err = certs.Open(filepath.Dir(r.members), "", now, now); err != nil {
		return nil, err
	}
	// The members' file of authorities will change, and that of the old authority must not.
	old := filepath.Join(dir, "old.pem")
	if r.is, err = certs.Open(filepath.Join(dir, "new"), "the new authority", now.Add(-time.Hour),
		now.Add(24*time.Hour)); err != nil {
		return nil, err
	}
	if err := join(old, r.members); err != nil {
		return nil, err
	}
	if err := join(r.clients, old); err != nil {
		return nil, err
	}
	for _, name := range appNames {
		pair, err := issue(r.was, filepath.Join(dir, name), name, certs.ForClient)
		if err != nil {
			return nil, err
		}
		pair.CA = r.clients
		r.apps = append(r.apps, pair)
	}
	r.old, err = issue(r.was, filepath.Join(dir, "left"), "somebody who left", certs.ForClient)
	r.old.CA = r.clients
	return r, err
}

func issue(a *certs.Authority, dir, name string, use certs.Use) (certs.Pair, error) {
	now := time.Now()
	pair, _, err := a.Issue(dir, "certificate", certs.Profile{Name: name, Use: use, From: now.Add(-time.Hour),
		Until: now.Add(24 * time.Hour)})
	return pair, err
}

// step carries out one step and has everybody connect.
func (r *rotation) step(ctx context.Context, s lessons.Command) error {
	after := fmt.Sprintf("after line %d, %s", s.Line, s.Text)
	if s.Verb == "restart-members" {
		return r.restart(ctx, after)
	}
	if err := r.change(s.Verb); err != nil {
		return err
	}
	return r.probe(ctx, after)
}

// change changes files.
func (r *rotation) change(verb string) error {
	old := filepath.Join(filepath.Dir(r.clients), "old.pem")
	r.showing[verb] = true
	switch verb {
	case "members-trust-both":
		return join(r.members, old, r.is.File())
	case "members-trust-new":
		return join(r.members, r.is.File())
	case "clients-trust-both":
		r.showing["clients-trust-new"] = false
		return join(r.clients, old, r.is.File())
	case "clients-trust-new":
		return join(r.clients, r.is.File())
	case "members-show-new":
		return r.showNew()
	}
	for i, name := range appNames {
		pair, err := issue(r.is, filepath.Dir(r.apps[i].Cert), name, certs.ForClient)
		if err != nil {
			return err
		}
		pair.CA = r.clients
		r.apps[i] = pair
	}
	return nil
}

// showNew has the new authority sign the members' certificates.
func (r *rotation) showNew() error {
	now := time.Now()
	for _, m := range r.c.Members() {
		_, _, err := r.is.Issue(filepath.Dir(m.ServerFiles().Cert), "server", certs.Profile{
			Name: m.Name, Use: certs.ForServer, Loopback: true, From: now.Add(-time.Hour), Until: now.Add(24 * time.Hour),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// restart restarts the members, one after the other.
func (r *rotation) restart(ctx context.Context, after string) error {
	r.restarts++
	for _, m := range r.c.Members() {
		m.Crash()
		if err := m.Start(); err != nil {
			return err
		}
		if err := m.Ready(ctx); err != nil {
			return err
		}
		if err := r.probe(ctx, after+", of "+m.Name); err != nil {
			return err
		}
	}
	return nil
}

// probe has every client connect to every member and notes who is refused.
func (r *rotation) probe(ctx context.Context, when string) error {
	for _, m := range r.c.Members() {
		for i, app := range r.apps {
			err := comeIn(ctx, m, app)
			switch {
			case err == nil:
			case refusal(err):
				r.refused = append(r.refused, fmt.Sprintf("%s: %s can't connect to %s: %s", when, appNames[i], m.Name, plain(err)))
			default:
				return fmt.Errorf("%s: %s to %s: %w", when, appNames[i], m.Name, err)
			}
		}
	}
	return nil
}

// marks are what the steps came to.
func (r *rotation) marks(ctx context.Context) ([]lessons.Mark, error) {
	everybody := "all clients got in after each step"
	if n := len(r.refused); n > 0 {
		everybody = fmt.Sprintf("%d connections were rejected; the first %s", n, r.refused[0])
	}
	leaver, err := r.leaver(ctx)
	if err != nil {
		return nil, err
	}
	moved := r.showing["members-show-new"] && r.showing["clients-show-new"]
	trusts := r.showing["clients-trust-new"]
	return []lessons.Mark{
		lessons.Marked(moved && len(r.refused) == 0, 6, "no client is rejected at any time", everybody+unless(moved),
			"trust the new CA before anybody shows a certificate from it; until the last one has changed, trust both. Members "+
				"read their CA file when they start"),
		lessons.Marked(moved, 2, "members and clients show certificates from the new CA", r.shown(), "members-show-new and "+
			"clients-show-new"),
		lessons.Marked(leaver == "refused", 2, "no member accepts a certificate from the old CA any more",
			"somebody who left, with a certificate from the old CA, is "+leaver,
			"members have to trust only the new CA, and they read their CA file when they start"),
		lessons.Marked(trusts, 1, "clients trust only the new CA", "clients trust "+names(r.clients), "clients-trust-new, "+
			"when no member shows the old one any more"),
		lessons.Marked(moved && r.restarts <= 2, 1, "the members are restarted at most twice",
			fmt.Sprintf("they were restarted %d times", r.restarts)+unless(moved),
			"only a change of the CAs that members trust needs a restart; certificates are read at each handshake"),
	}, nil
}

// leaver tries a certificate of the old authority on every member.
func (r *rotation) leaver(ctx context.Context) (string, error) {
	as := r.old
	as.CA = filepath.Join(filepath.Dir(r.clients), "all.pem")
	if err := join(as.CA, filepath.Join(filepath.Dir(r.clients), "old.pem"), r.is.File()); err != nil {
		return "", err
	}
	for _, m := range r.c.Members() {
		err := comeIn(ctx, m, as)
		switch {
		case err == nil:
			return "let in by " + m.Name, nil
		case !refusal(err):
			return "", err
		}
	}
	return "refused", nil
}

func unless(moved bool) string {
	if moved {
		return ""
	}
	return "; but not everybody has moved to the new CA"
}

// shown says who shows certificates of which authority.
func (r *rotation) shown() string {
	by := func(verb string) string {
		if r.showing[verb] {
			return "the new"
		}
		return "the old"
	}
	return fmt.Sprintf("members show certificates from %s CA, clients from %s one", by("members-show-new"),
		by("clients-show-new"))
}

// names are the authorities in a file.
func names(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "nobody"
	}
	if strings.Count(string(text), "BEGIN CERTIFICATE") > 1 {
		return "both CAs"
	}
	return "one CA"
}
