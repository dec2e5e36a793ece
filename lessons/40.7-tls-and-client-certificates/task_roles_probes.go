package tlsandclientcertificates

import (
	"fmt"
	"slices"
	"strings"
)

// clients are those who try, by the common names of their certificates.
var clients = []string{"alice", "bob", "stranger"}

// mostGrants is how many permissions an answer may have, since clients try both sides of each.
const mostGrants = 40

// mayAtMost is whether the task's table lets a client do something with a key. Where it says neither,
// as of a write by nobody, the answer is no: each client may do what the table says, and no more.
func mayAtMost(who, op, key string) bool {
	app, config := strings.HasPrefix(key, "app/"), strings.HasPrefix(key, "config/")
	switch who {
	case "alice":
		return app || config && op == "get"
	case "bob":
		return app && op == "get"
	}
	return false
}

// probes are what the clients try: the table, and every key at a border, either of the table or of a
// permission of the answer. Who is allowed too much is so at one of these, since what is too much
// begins where a permission begins or where the table's ends. What a client may do and need not is not
// tried.
func (a access) probes() []request {
	rs := slices.Clone(table)
	for _, who := range clients {
		for _, key := range a.borders() {
			for _, op := range []string{"get", "put"} {
				r := request{who: who, op: op, key: key}
				if !mayAtMost(who, op, key) && !slices.Contains(rs, r) {
					rs = append(rs, r)
				}
			}
		}
	}
	return rs
}

// borders are the keys on both sides of the borders of what is allowed, by the table and by the answer.
func (a access) borders() (keys []string) {
	spans := []grant{{Prefix: "app/"}, {Prefix: "config/"}}
	for _, r := range a.Roles {
		spans = append(spans, r.Allow...)
	}
	for _, g := range spans {
		key, end := g.span()
		keys = append(keys, key, before(key), key+"x")
		if end == "" {
			end = key + "\x00"
		}
		if end != "\x00" { // the end of all keys
			keys = append(keys, end, before(end))
		}
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == "" })
	slices.Sort(keys)
	return slices.Compact(keys)
}

// before is a key that sorts shortly before another one; empty if there is none.
func before(key string) string {
	switch last := len(key) - 1; {
	case last < 0:
		return ""
	case key[last] == 0:
		return key[:last]
	default:
		return key[:last] + string([]byte{key[last] - 1}) + "~"
	}
}

// others are the users beside the three clients who may do anything.
func (a access) others() (names []string) {
	allowed := map[string]bool{"root": true}
	for _, r := range a.Roles {
		allowed[r.Name] = len(r.Allow) > 0
	}
	for _, u := range a.Users {
		if !slices.Contains(clients, u.Name) && slices.ContainsFunc(u.Roles, func(r string) bool { return allowed[r] }) {
			names = append(names, u.Name)
		}
	}
	return names
}

// refuseMany tells of answers with more permissions than are tried.
func (a access) refuseMany(bad func(path string, err error)) {
	n := 0
	for i, r := range a.Roles {
		for k := range r.Allow {
			if n++; n > mostGrants {
				bad(fmt.Sprintf("roles[%d].allow[%d]", i, k), fmt.Errorf("an answer has at most %d permissions", mostGrants))
				return
			}
		}
	}
}
