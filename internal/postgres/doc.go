// Package postgres runs private PostgreSQL servers on this machine, below the lessons and drills.
//
// A [Home] is a temporary folder with servers in it. What goes in are programs that are on the machine
// (find.go: [Find] takes those of one version, 15 to 18) and calls; what comes out are answers of servers
// and the output of programs. Nothing outside of the home is written, and nothing of it is left: not
// after an error, a context that ends, or a kill -9 of this program (package guard).
//
// A [Server] has its data in the home: [Home.Create] makes new ones (initdb), [Home.Adopt] takes what a
// base backup was restored to. It listens on a Unix socket in the home only, never on a TCP port, and so
// never meets the databases of who runs this. It is a direct child of this process (life.go), whose log
// is read as it is written (logbook.go): it tells without any waiting when the server is ready, and the
// reason when it does not get there. Settings are in a file of ours (settings.go) beside its data.
//
// [Server.Connect] and its kin ask (query.go, with pgx). [Home.Run] and [Server.Run] run PostgreSQL's own
// programs (run.go). Neither sees the PG* variables, password and service files of who runs this.
//
// PostgreSQL refuses to run as root, so a home that root opens belongs to another user (account_unix.go).
//
// A program that has homes calls helper.Main with the role guard.Role first of all, its TestMain too, or
// a function that does, as cluster.Main. Tests take their homes from package postgrestest, which skips
// them on a machine without PostgreSQL.
//
// Start reading at home.go, then server.go and life.go.
package postgres
