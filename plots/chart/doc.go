// Package chart is what every figure is drawn with: a sheet with its header, axes, lanes of
// faults, a legend, hatches and marks, the one style, and the way from ink to SVG and PNG.
// It knows nothing of clusters.
//
//	Draw(title, subtitle, ink) ──▶ Sheet ──▶ ink ──▶ SVG, PNG
//	Chart{Panels: Lines, Bars, Matrix, Lanes} ──▶ Render ──▶ SVG, PNG
//
// A Chart is for plain data and needs no ink of its own: lessons draw their measurements
// with it. The figures of runs, sweeps and plans bring their ink and use the rest.
//
// Start reading at sheet.go; colours and sizes stand in style.go.
package chart
