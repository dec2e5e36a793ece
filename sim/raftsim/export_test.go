package raftsim

// EveryTick is the engine with the plain clock: every tick is an event.
func EveryTick(e Engine) Engine {
	e.everyTick = true
	return e
}
