// Package sandbox is a live cluster of real etcd members that takes statements while it
// runs, and yields a trace, verdicts and a script that can be run again.
//
// Input: a Config, and lines as a user types them. A line is a statement of the
// scenario language ("crash leader for 10s") or one of a few words of its own (help,
// status, history, wait, page, quit). Output: a Reply to each line, what happens in
// sentences (Narrate), the cluster's state (Status), and at the end the sim.Trace with
// its verdicts (End). Nothing here knows a terminal, signals or flags.
//
// Where to start reading:
//
//   - sandbox.go: Open, Narrate, Leave, End: the life of a Sandbox
//   - line.go: Do, which carries out a line; complete.go: how a line may go on
//   - narrate.go: which events are reported, and how; status.go: the cluster now
//   - feed.go: Watch, for those who follow all events, as a page in a browser does
//   - place.go: Claim, a name under which the user's other programs find it
//   - control.go: Serve, and client.go: Dial, which talk over the place's socket
//   - data.go: NewData and OpenData, for data that outlive a sandbox
//
// The order is: data and place first, since both can be taken already, then Open; and the reverse at the end.
package sandbox
