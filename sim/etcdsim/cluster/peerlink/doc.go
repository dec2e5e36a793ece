// Package peerlink stands between the members of an etcd cluster and gives each directed link its
// own faults, message by message.
//
// In: a Network, one PeerPort a member. A port owns the peer address that its member advertises, for as
// long as the cluster lives; etcd listens on a throw-away address behind it. Out: raft messages,
// each reported to an observer as sent and then as delivered or dropped.
//
// etcd's receiver dials: the messages of i to j travel in the response of a GET that j sends to i's
// port, on two streams ("message" and "msgapp"). Without an open stream, i POSTs them to j's port,
// and snapshots always. The port decodes all four, so that a fault drops or delays whole raft
// messages and nothing passes a cut link except the streams' own keep-alives, which raft never sees.
//
// Peer requests that carry no raft message (probes, versions, hashes, forwarded lease renewals) do not name
// their sender. Under TLS (Identity) its certificate does, and a request is refused exactly when it or its answer
// would take a link that is cut. Without TLS only a member that joins has a name there (UserName), and what comes
// from anybody else is refused while any link of the member it asks is cut: in doubt it blocks too much.
//
// Start reading at Network, then Condition (what a link does), then stream.go.
package peerlink
