// Package sweeps draws what many trials gave: distributions, a heat map of two settings,
// trials beside a theory. A figure is one file, NAME.go, which registers itself, with
// points and ink as in package plots.
package sweeps
