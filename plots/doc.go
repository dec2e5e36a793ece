// Package plots draws what a trace shows: figures in one style, as SVG and PNG.
//
//	Trace ──▶ Read ──▶ Run ──▶ Figure.Points (tested) ──▶ ink (looked at) ──▶ Picture (SVG, PNG)
//
// A figure is one file, NAME.go, which registers itself; a long one has its ink beside
// it, in NAME_ink.go. Its points are a pure function of the run. Its ink puts them on a
// sheet of package chart, whose header, fault lanes, axes, legend and style are the same
// everywhere. The same trace gives the same bytes, drawn alone or side by side with
// others. (Between kinds of processors the last digit of a place on the page may differ:
// places are floats.)
//
// Figures of sweeps and of plans are in packages of their own, sweeps and plans: they have
// other points, some share names with figures of runs, and code that draws one kind needs
// none of the others. Package report puts all of them on pages.
//
// Start reading at figure.go, then at timeline.go for an example.
package plots
