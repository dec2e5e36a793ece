package raftsim

// EveryTick is the engine with the plain clock: every tick is an event.
func EveryTick(e Engine) Engine {
	e.everyTick = true
	return e
}

// WithoutLabels calls f as on a system where profiler labels do not work.
func WithoutLabels(f func()) {
	worked := labelsWork
	labelsWork = false
	defer func() { labelsWork = worked }()
	f()
}
