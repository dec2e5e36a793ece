// Package chart draws every figure: a sheet with its header, axes, lanes of faults, a legend,
// hatches and marks, the common style, and the conversion to SVG and PNG. It knows nothing of
// clusters.
//
//	Draw(title, subtitle, ink) ──▶ Sheet ──▶ ink ──▶ SVG, PNG
//	Chart{Panels: Lines, Bars, Matrix, Lanes} ──▶ Render ──▶ SVG, PNG
//
// A Chart is for plain data and needs no ink of its own: lessons draw their measurements
// with it. The figures of runs, sweeps and plans supply their own ink and use the rest.
//
// Start reading at sheet.go; colours and sizes are in style.go.
package chart
