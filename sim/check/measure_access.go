package check

import "quorumlab/sim"

func init() {
	requests := func(name, about string, fits func(e *sim.Event) bool) {
		register(name, sim.Count, sim.OfEvents, about, func(r *run, w sim.Window) (float64, bool) {
			return count(len(r.accessIn(w, fits)))
		})
		explain(name, func(r *run, w sim.Window) []uint64 { return r.accessIn(w, fits) })
	}
	refused := func(e *sim.Event) bool { return e.Result == sim.OutcomeFailed }
	requests("access.granted", "requests of new clients (connect) that were granted",
		func(e *sim.Event) bool { return e.Result == sim.OutcomeOK })
	requests("access.refused", "requests of new clients (connect) that were refused, at whatever stage", refused)
	for stage, about := range map[sim.AccessStage]string{
		sim.StageConnect: "new clients that were refused before TLS: no connection, or another protocol",
		sim.StageHandshake: "new clients that were refused in the TLS handshake: one side did not accept the other's " +
			"certificate",
		sim.StageAuthentication: "new clients that got through TLS, but not as a user that etcd knows",
		sim.StageAuthorization:  "requests of users that were refused because none of their roles allows them",
	} {
		requests("access.refused."+stage.String(), about, func(e *sim.Event) bool {
			return refused(e) && sim.AccessStage(e.Count) == stage
		})
	}
	register("certificates.rotated", sim.Count, sim.OfEvents,
		"new certificates that members presented to those that connected: two "+
			"per rotation, one for clients and one for peers",
		func(r *run, w sim.Window) (float64, bool) { return count(r.number(sim.KindCertificate, w)) })
}

// accessIn lists the requests of new clients in the window.
func (r *run) accessIn(w sim.Window, fits func(e *sim.Event) bool) (ns []uint64) {
	r.each(sim.KindAccess, w, func(e *sim.Event) {
		if fits(e) {
			ns = append(ns, e.Seq)
		}
	})
	return ns
}
