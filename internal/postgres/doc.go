// Package postgres runs private PostgreSQL servers on this machine, for lessons and drills.
//
// A [Home] is a temporary folder with servers in it. It uses the PostgreSQL programs that are installed on
// the machine (find.go: [Find] finds those of one version, 15 to 18). Nothing outside of the home is
// written, and nothing is left of it, even after an error, a cancelled context or a kill -9 of this program
// (package guard).
//
// A [Server] has its data in the home. [Home.Create] makes new data (initdb), [Home.CreateFrom] copies those
// of an [Original], which is filled once in a process (original.go), and [Home.Adopt] takes data that a base
// backup was restored to. A server listens on a Unix socket in the home only, never on a TCP port,
// so it never gets in the way of other databases on the machine. It is a direct child of this process
// (life.go). Its log is read as it is written (logbook.go), so a start ends as soon as the server is ready,
// and an error has the reason that PostgreSQL gave. Its settings are in a file next to its data
// (settings.go).
//
// [Server.Connect], [Server.Exec] and [Value] send queries (query.go, with pgx). [Home.Run] and
// [Server.Run] run PostgreSQL's own programs (run.go). All of them ignore the PG* variables, the password
// file and the service file of the user who runs this program.
//
// PostgreSQL refuses to run as root. When root opens a home, its servers and programs run as another user
// (account_unix.go).
//
// A program that opens homes must first of all call helper.Main with the role guard.Role, as cluster.Main
// does; so must the TestMain of its tests. Tests use package postgrestest, which skips them on a machine
// without PostgreSQL.
//
// Start reading at home.go, then server.go and life.go.
package postgres
