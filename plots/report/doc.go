// Package report writes the pages of runs, sweeps and plans: each is one HTML file that
// needs nothing else and opens offline. A page's bytes depend on its input alone.
//
//	Run(w, RunInput)      story, verdicts, figures and numbers of a trace
//	Sweep(w, SweepInput)  figures, example trials and tables of a sweep
//	Plan(w, PlanInput)    the answers of one plan, or of two side by side
//
// The templates are next to the code: report.html, sweep.html and plan.html, with one style
// sheet, report.css, and the script that lets a reader point at a moment, report.js.
package report
