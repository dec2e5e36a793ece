// Package folders puts together what runs, sweeps, comparisons, plans and shrunk scenarios leave, with its
// pictures and pages.
//
//	run.Judged ───────────────▶ summary.json, trace.jsonl, plots/, report.html
//	sweep.Summary ────────────▶ plots/, report.html, failing/
//	compare.Comparison ───────▶ compare.json, .csv, .md, a picture of each scenario
//	plots.Planned ────────────▶ plan.json, planned.yaml, plots/, report.html
//	run.Judged, the smallest ─▶ the same as any run, and the picture of its failure
//
// Package sim/run has what makes a folder whole or not there at all, and takes its parts as writers. They
// are chosen here, above the plots and the language of scenarios, neither of which sim/run may know:
// otherwise every sweep and every program that wants no more than a verdict would bring a drawing library
// along.
//
// Start reading at run.go.
package folders
