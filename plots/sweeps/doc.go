// Package sweeps draws the results of many trials: distributions, a heat map of two
// settings, trials compared with a theory. A figure is one file, NAME.go, which registers itself, with
// points and ink as in package plots.
package sweeps
