package sim

import (
	"fmt"
	"quorumlab/internal/text"
	"slices"
	"strings"
)

// ClientKind is a kind of client, by what it presents to a cluster with TLS.
type ClientKind string

// The kinds. All but Plaintext speak TLS. Alice and Bob have certificates from the
// clients' authority with these common names; the cluster's roles let Alice read
// and write below pub/, and give Bob nothing.
const (
	ClientAlice         ClientKind = "alice"
	ClientBob           ClientKind = "bob"
	ClientStranger      ClientKind = "stranger" // its certificate is good, but no user has its common name
	ClientPlaintext     ClientKind = "plaintext"
	ClientNoCertificate ClientKind = "no-certificate"
	ClientUnknownCA     ClientKind = "unknown-ca"  // its certificate is from another authority
	ClientExpired       ClientKind = "expired"     // its certificate has expired
	ClientServerOnly    ClientKind = "server-only" // its certificate is for servers
	ClientTrustsNobody  ClientKind = "no-ca"       // it does not know the servers' authority
	ClientWrongName     ClientKind = "wrong-name"  // it asks for a name that the server's certificate lacks
)

// ClientKinds lists the kinds. A kind's number in a trace is its place, from 1: new
// ones come last.
func ClientKinds() []ClientKind {
	return []ClientKind{ClientAlice, ClientBob, ClientStranger, ClientPlaintext, ClientNoCertificate, ClientUnknownCA,
		ClientExpired, ClientServerOnly, ClientTrustsNobody, ClientWrongName}
}

// Number is the kind's number in a trace, from 1.
func (k ClientKind) Number() uint32 { return uint32(slices.Index(ClientKinds(), k) + 1) }

// ClientKindOf returns the kind with that number, or "".
func ClientKindOf(number uint32) ClientKind {
	if ks := ClientKinds(); number >= 1 && int(number) <= len(ks) {
		return ks[number-1]
	}
	return ""
}

// ParseClientKind reads the name of a kind of client.
func ParseClientKind(s string) (ClientKind, error) {
	names := make([]string, len(ClientKinds()))
	for i, k := range ClientKinds() {
		names[i] = string(k)
	}
	if !slices.Contains(names, s) {
		return "", fmt.Errorf("unknown client %q%s", s, text.DidYouMeanOr(s, names,
			"clients are "+strings.Join(names, ", ")))
	}
	return ClientKind(s), nil
}

// AccessStage is how far a client got: the stage that ended its attempt, or the
// last one if nothing did.
type AccessStage uint32

// The stages on a client's way to a key.
const (
	StageConnect        AccessStage = 1 + iota // TCP, and speaking the same protocol
	StageHandshake                             // TLS: each side accepts the other's certificate
	StageAuthentication                        // etcd knows the user
	StageAuthorization                         // the user may do this to the key
)

var stageNames = [...]string{"", "connect", "handshake", "authentication", "authorization"}

func (s AccessStage) String() string { return name(stageNames[:], int(s)) }
