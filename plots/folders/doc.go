// Package folders puts together what runs, sweeps, comparisons, plans and shrunk scenarios leave, with
// pictures and pages.
//
//	run.Judged ───────────────▶ summary.json, trace.jsonl, plots/, report.html
//	sweep.Summary ────────────▶ plots/, report.html, failing/
//	compare.Comparison ───────▶ compare.json, .csv, .md, a picture of each scenario
//	plots.Planned ────────────▶ plan.json, planned.yaml, plots/, report.html
//	run.Judged, the smallest ─▶ the same as any run, and the picture of its failure
//
// Package sim/run replaces folders atomically, and takes their parts as writers. The parts are chosen here,
// above the plots and the scenario language, neither of which sim/run may import: otherwise every sweep
// and every program that only wants a verdict would depend on a drawing library.
//
// Start reading at run.go.
package folders
