package tlsandclientcertificates

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/scenarios"
	"quorumlab/sim/etcdsim/cluster"
)

//go:embed task-roles-file-start.yaml
var rolesStart []byte

//go:embed task-roles-file-model.yaml
var rolesModel []byte

// request is something that a client tries.
type request struct {
	who, op, key string
	may          bool // by the task's table
}

// wrongly is what came out otherwise than the table says.
type wrongly struct {
	requests []request
	others   []string // users beside the three clients who may do something
}

func (r request) String() string {
	if r.key == "" {
		return r.who + ": " + r.op + " all keys"
	}
	return r.who + ": " + r.op + " " + strings.Trim(strconv.QuoteToASCII(r.key), `"`)
}

// table is what each client has to be able to do, and what not.
var table = []request{
	{"alice", "get", "app/orders", true}, {"alice", "put", "app/orders", true}, {"alice", "list", "app/", true},
	{"alice", "get", "config/limits", true},
	{"alice", "put", "config/limits", false}, {"alice", "get", "secrets/db", false}, {"alice", "put", "secrets/db", false},
	{"alice", "put", "apple/price", false}, {"alice", "list", "", false},
	{"bob", "get", "app/orders", true}, {"bob", "list", "app/", true},
	{"bob", "put", "app/orders", false}, {"bob", "get", "config/limits", false}, {"bob", "get", "secrets/db", false},
	{"bob", "get", "apple/price", false}, {"bob", "list", "", false},
	{"stranger", "get", "app/orders", false}, {"stranger", "put", "app/orders", false},
	{"stranger", "get", "config/limits", false},
}

// readAccess reads an answer. Errors are a *lessons.BadAnswer.
func readAccess(name string, answer []byte) (access, error) {
	var a access
	doc, err := scenarios.ReadDocument(name, "an answer", answer, nil, &a)
	if err != nil {
		return a, &lessons.BadAnswer{Err: err}
	}
	a.refuse(doc.Refuse)
	if err := doc.Err(); err != nil {
		return a, &lessons.BadAnswer{Err: err}
	}
	return a, nil
}

// refuse tells what etcd would not take, with its place.
func (a access) refuse(bad func(path string, err error)) {
	a.refuseMany(bad)
	roles := []string{"root"}
	for i, r := range a.Roles {
		at := fmt.Sprintf("roles[%d]", i)
		if slices.Contains(roles, r.Name) {
			bad(at+".name", fmt.Errorf("role %s exists already", r.Name))
		}
		roles = append(roles, r.Name)
		for k, g := range r.Allow {
			if (g.Key == "") == (g.Prefix == "") {
				bad(fmt.Sprintf("%s.allow[%d]", at, k), errors.New("a permission is for one key or for one prefix: use key or "+
					"prefix"))
			}
		}
	}
	users := []string{"root"}
	for i, u := range a.Users {
		at := fmt.Sprintf("users[%d]", i)
		if slices.Contains(users, u.Name) {
			bad(at+".name", fmt.Errorf("user %s exists already", u.Name))
		}
		users = append(users, u.Name)
		for k, r := range u.Roles {
			if !slices.Contains(roles, r) {
				bad(fmt.Sprintf("%s.roles[%d]", at, k), fmt.Errorf("there is no role %q; roles are %s", r,
					strings.Join(roles, ", ")))
			}
		}
	}
}

// judgeRoles sets the users and roles up in a real cluster and has the clients try.
func judgeRoles(ctx context.Context, env *lessons.Env, name string, answer []byte) (ms []lessons.Mark, err error) {
	a, err := readAccess(name, answer)
	if err != nil {
		return nil, err
	}
	probes := a.probes()
	env.Say("a member with TLS; alice, bob and a stranger try %d things", len(probes))
	err = lessons.OnCluster(ctx, alone(mutual), func(c *cluster.Real) error {
		root, err := clientAs(c, "root")
		if err != nil {
			return err
		}
		defer root.Close()
		if err := a.enable(ctx, root); err != nil {
			if errors.As(err, new(rpctypes.EtcdError)) {
				return &lessons.BadAnswer{Err: fmt.Errorf("%s: etcd rejects it: %w", name, err)}
			}
			return err
		}
		wrong, err := tryAll(ctx, c, probes)
		ms = wrongly{wrong, a.others()}.marks()
		return err
	})
	return ms, err
}

// tryAll has each client try the probes and returns what came out otherwise.
func tryAll(ctx context.Context, c *cluster.Real, probes []request) (wrong []request, err error) {
	clients := map[string]*clientv3.Client{}
	defer func() {
		for _, cl := range clients {
			cl.Close()
		}
	}()
	for _, r := range probes {
		cl := clients[r.who]
		if cl == nil {
			if cl, err = clientAs(c, r.who); err != nil {
				return nil, err
			}
			clients[r.who] = cl
		}
		switch err := r.try(ctx, cl); {
		case err != nil && !errors.Is(err, rpctypes.ErrPermissionDenied):
			return nil, fmt.Errorf("%s: %w", r, err)
		case (err == nil) != r.may:
			wrong = append(wrong, r)
		}
	}
	return wrong, nil
}

func (r request) try(ctx context.Context, cl *clientv3.Client) (err error) {
	switch {
	case r.op == "put":
		_, err = cl.Put(ctx, r.key, "value")
	case r.op == "list":
		_, err = cl.Get(ctx, r.key, clientv3.WithPrefix())
	default:
		_, err = cl.Get(ctx, r.key)
	}
	return err
}

func (w wrongly) marks() []lessons.Mark {
	of := func(who string, may bool) (texts []string) {
		for _, r := range w.requests {
			if r.who == who && r.may == may {
				texts = append(texts, r.String())
			}
		}
		return texts
	}
	serves := func(who string) bool { return len(of(who, true)) == 0 }
	can := func(who string, points int) lessons.Mark {
		missing := of(who, true)
		why := "all of it was granted"
		if len(missing) > 0 {
			why = "refused: " + strings.Join(missing, "; ")
		}
		return lessons.Marked(len(missing) == 0, points, who+" can do what the table allows", why,
			"the user needs a role with a permission on these keys; a prefix covers all keys that begin with it, a key only "+
				"itself")
	}
	cannot := func(who string, points int, judged bool) lessons.Mark {
		leaks := of(who, false)
		if who == "stranger" && len(w.others) > 0 {
			leaks = append(leaks, "other users have roles: "+text.Names(w.others))
		}
		why := "everything else was refused"
		const most = 6
		if n := len(leaks); n > most {
			leaks = append(leaks[:most:most], fmt.Sprintf("and %d more", n-most))
		}
		if len(leaks) > 0 {
			why = "granted: " + strings.Join(leaks, "; ")
		}
		if !judged {
			return lessons.Marked(false, points, who+" can do no more", "not judged: it is easy to keep out a client that may "+
				"do nothing", "first give the clients what they need")
		}
		return lessons.Marked(len(leaks) == 0, points, who+" can do no more", why,
			"compare the prefix letter by letter with the keys, and read with readwrite, and remember that the role root may "+
				"do everything")
	}
	return []lessons.Mark{
		can("alice", 2), can("bob", 2),
		cannot("alice", 3, serves("alice")), cannot("bob", 2, serves("bob")),
		cannot("stranger", 1, serves("alice") && serves("bob")),
	}
}
