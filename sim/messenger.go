package sim

// PowerMessage is the power over single messages: see [Messenger].
const PowerMessage Power = "single out a message on its way"

// Messenger is a Cluster whose messages can be singled out while they are on their way (PowerMessage): by their
// numbers, which are the IDs of their events in the trace. Its errors say that there is no such message on its way, or
// why this one is not treated so.
type Messenger interface {
	// DropMessage loses a message, with all its copies.
	DropMessage(id uint64) error
	// DelayMessage lets a message arrive so much later than it would; what was sent after it overtakes it.
	DelayMessage(id uint64, by Distribution) error
	// DuplicateMessage lets a message arrive twice.
	DuplicateMessage(id uint64) error
	// DeliverMessage lets a message arrive at once.
	DeliverMessage(id uint64) error
}
