package etcdsim

// watchAlerts has nothing to watch: refuseAlerts refuses alerts for members that share a process, and in a WebAssembly
// module they do. So Prometheus, which can't be compiled for one, stays out of it.
func (r *run) watchAlerts() error { return nil }
