// Package plots draws what a trace shows: figures in one style, as SVG and PNG,
// and a report that is one HTML file.
//
//	Trace ──▶ Read ──▶ Run ──▶ Figure.Points (tested) ──▶ ink (looked at) ──▶ Picture (SVG, PNG)
//	                    └──▶ Report (story, verdicts, pictures, numbers)
//
// A figure is one file, figure_NAME.go, which registers itself; a long one has its
// ink beside it, in figure_NAME_ink.go. Its points are a pure function of the run.
// Its ink puts them on a sheet, whose header, fault lanes, axes and legend are the
// same everywhere (sheet.go, lanes.go, axis.go) and whose colours, sizes and
// hatches stand in style.go. The same trace gives the same bytes, drawn alone or
// side by side with others. (Between kinds of processors the last digit of a place
// on the page may differ: places are floats.)
//
// Start reading at figure.go, then at figure_timeline.go for an example.
package plots
