package tlsandclientcertificates

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// holders are the clients whose certificates are good.
var holders = []sim.ClientKind{sim.ClientAlice, sim.ClientBob, sim.ClientStranger}

// runRoles has clients with good certificates come before there are roles and after.
func runRoles(ctx context.Context, env *lessons.Env) (o *lessons.Observations, err error) {
	env.Say("three clients with good certificates, before and after roles")
	o = &lessons.Observations{}
	err = lessons.OnCluster(ctx, alone(mutual), func(c *cluster.Real) error {
		before, err := visitAll(ctx, c.Member(1), holders...)
		if err != nil {
			return err
		}
		root, err := clientAs(c, "root")
		if err != nil {
			return err
		}
		defer root.Close()
		if err := publicForAlice.enable(ctx, root); err != nil {
			return err
		}
		after, err := visitAll(ctx, c.Member(1), holders...)
		if err != nil {
			return err
		}
		return rolesOutcome(o, before, after)
	})
	return o, err
}

// publicForAlice is what the step sets up: alice may read and write below pub/, bob is known
// and may do nothing, the stranger is not known.
var publicForAlice = access{
	Roles: []role{{Name: "public", Allow: []grant{{What: "readwrite", Prefix: "pub/"}}}},
	Users: []user{{Name: "alice", Roles: []string{"public"}}, {Name: "bob"}},
}

func rolesOutcome(o *lessons.Observations, before, after []visit) error {
	sum := func(vs []visit) (granted float64) {
		for _, v := range vs {
			granted += float64(v.granted)
		}
		return granted
	}
	t := lessons.Table{Name: "requests", Title: "Granted requests per client, of four",
		Head: []string{"client", "before roles", "with roles", "error with roles"}, Exact: true}
	for i, v := range after {
		o.Count(string(v.kind)+".granted", float64(v.granted),
			"how many of the client's four requests are granted with roles")
		t.Rows = append(t.Rows, []string{string(v.kind), fmt.Sprintf("%d of %d", before[i].granted, before[i].asked),
			fmt.Sprintf("%d of %d", v.granted, 4), v.told})
	}
	o.Count("before.granted", sum(before), "how many of twelve requests are granted before there are roles")
	o.Count("after.granted", sum(after), "how many of twelve requests are granted with roles")
	same := "no"
	if after[1].told == after[2].told {
		same = "yes"
	}
	o.Tell("told.alike", same, "whether bob, who is a user, and the stranger, who is not, get the same error")
	o.Tables = append(o.Tables, t)
	return o.Draw(rolesChart(before, after))
}

// rolesChart compares what is granted before and with roles.
func rolesChart(before, after []visit) chart.Chart {
	bars := chart.Bars{Y: chart.Axis{Label: "requests granted, of 4", Min: 0, Max: 4.5, Whole: true}}
	was, is := chart.BarSet{Name: "before there are roles"}, chart.BarSet{Name: "with roles"}
	for i := range before {
		bars.Names = append(bars.Names, string(before[i].kind))
		was.Values, is.Values = append(was.Values, float64(before[i].granted)), append(is.Values, float64(after[i].granted))
	}
	bars.Sets = []chart.BarSet{was, is}
	return chart.Chart{
		Name: "roles", Title: "Until there are roles, a good certificate gives access to every key",
		Subtitle: "reading and writing a key below pub/ and one below private/, with a certificate from the right CA",
		About: "Each client makes four requests. Before authentication is enabled, anybody who gets through TLS may do " +
			"everything; with it, only alice has a role.",
		Panels: []chart.Panel{bars},
	}
}

// access is users and roles as a file has them. Everything is in addition to root.
type access struct {
	Roles []role `yaml:"roles,omitempty"`
	Users []user `yaml:"users,omitempty"`
}

type role struct {
	Name  string  `yaml:"name"`
	Allow []grant `yaml:"allow,omitempty"`
}

// grant is a permission on one key or on all that begin with a prefix.
type grant struct {
	What   permission `yaml:"what"`
	Key    string     `yaml:"key,omitempty"`
	Prefix string     `yaml:"prefix,omitempty"`
}

type user struct {
	Name  string   `yaml:"name"`
	Roles []string `yaml:"roles,omitempty"`
}

// permission is a word for what may be done: read, write or readwrite.
type permission string

var permissions = map[permission]clientv3.PermissionType{
	"read":      clientv3.PermissionType(clientv3.PermRead),
	"write":     clientv3.PermissionType(clientv3.PermWrite),
	"readwrite": clientv3.PermissionType(clientv3.PermReadWrite),
}

// UnmarshalText takes one of the words.
func (p *permission) UnmarshalText(text []byte) error {
	*p = permission(text)
	if _, ok := permissions[*p]; !ok {
		return fmt.Errorf("%q is not a permission: use read, write or readwrite", text)
	}
	return nil
}

// span is the keys that are allowed, as etcd has them: from key up to end; an empty end is one key.
func (g grant) span() (key, end string) {
	if g.Key != "" {
		return g.Key, ""
	}
	return g.Prefix, clientv3.GetPrefixRangeEnd(g.Prefix)
}

// enable makes the roles and the users, with root among them, and turns authentication on. The
// error is etcd's, with what was asked of it.
func (a access) enable(ctx context.Context, root *clientv3.Client) error {
	do := func(what string, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}
	for _, r := range a.Roles {
		if _, err := root.RoleAdd(ctx, r.Name); err != nil {
			return do("role "+r.Name, err)
		}
		for _, g := range r.Allow {
			key, end := g.span()
			if _, err := root.RoleGrantPermission(ctx, r.Name, key, end, permissions[g.What]); err != nil {
				return do("role "+r.Name, err)
			}
		}
	}
	users := append([]user{{Name: "root", Roles: []string{"root"}}}, a.Users...)
	for _, u := range users {
		if _, err := root.UserAddWithOptions(ctx, u.Name, "", &clientv3.UserAddOptions{NoPassword: true}); err != nil {
			return do("user "+u.Name, err)
		}
		for _, r := range u.Roles {
			if _, err := root.UserGrantRole(ctx, u.Name, r); err != nil {
				return do("user "+u.Name+", role "+r, err)
			}
		}
	}
	_, err := root.AuthEnable(ctx)
	return do("authentication", err)
}
