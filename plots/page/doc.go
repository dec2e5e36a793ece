// Package page is the page that plays a run: members on a ring, messages on their way, the logs, the clients, and a
// slider over time.
//
//	trace, verdicts ──replay.Encode──▶ run.qlr ──▶ Page, Inline: in a report, as files, from a server on loopback
//
// What runs in the browser is written in TypeScript, in web/. make page builds it into dist/, which is embedded, so
// that Go alone builds the program. A test fails if dist/ was built from other sources. The state at a moment is a
// fold over the events (web/src/fold.ts); everything drawn is a function of that state.
//
// Nothing of a trace is ever markup: the browser gets it as data, and the security policy allows no script but the
// page's own.
//
// Start reading at page.go here, and at main.tsx in web/src.
package page
