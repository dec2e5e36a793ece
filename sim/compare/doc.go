// Package compare says how well a model predicts what it is a model of: the runs of a
// scenario on the sim engine against those on real etcd members.
//
// In come the values that the runs of either engine gave, one a run or one an operation;
// out come the medians, their ratio, and how far the two distributions lie apart. It knows
// nothing of engines or traces, so it may stand on top of anything that runs trials.
//
//	sample.go   the values of one engine: quantiles, the empirical distribution
//	row.go      two samples of a figure, and whether they agree
//
// Start reading at row.go.
package compare
