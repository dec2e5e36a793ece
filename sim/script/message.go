package script

import (
	"strconv"

	"quorumlab/sim"
)

// argMessage is a message by its number.
var argMessage = scalar("MESSAGE", "message",
	func(st *sim.Statement, s string) (err error) { st.Number, err = parseNumber(s); return err },
	func(st sim.Statement) string { return strconv.FormatInt(st.Number, 10) })

// The verbs of single messages. A message has its number by the run so far, so that these are statements for a scenario
// with its seed: what one clicked in a picture of a run.
func init() {
	register(Verb{
		Family:  "network",
		Name:    "drop-message",
		Args:    []*Arg{argMessage},
		About:   "loses the message with this number in the trace, which is on its way",
		Example: "drop-message 1203",
		Began:   "message {message} was lost on its way",
		Needs:   []sim.Power{sim.PowerMessage},
		Apply:   toMessage(func(m sim.Messenger, st sim.Statement) error { return m.DropMessage(uint64(st.Number)) }),
	})
	register(Verb{
		Family:  "network",
		Name:    "delay-message",
		Args:    []*Arg{argMessage, argDistribution},
		About:   "lets the message with this number in the trace arrive later than it would; later ones overtake it",
		Example: "delay-message 1203 50ms",
		Began:   "message {message} was held back for {distribution}",
		Needs:   []sim.Power{sim.PowerMessage},
		Apply: toMessage(func(m sim.Messenger, st sim.Statement) error {
			return m.DelayMessage(uint64(st.Number), st.Distribution)
		}),
	})
	register(Verb{
		Family:  "network",
		Name:    "duplicate-message",
		Args:    []*Arg{argMessage},
		About:   "lets the message with this number in the trace arrive twice",
		Example: "duplicate-message 1203",
		Began:   "message {message} was sent on its way twice",
		Needs:   []sim.Power{sim.PowerMessage},
		Apply:   toMessage(func(m sim.Messenger, st sim.Statement) error { return m.DuplicateMessage(uint64(st.Number)) }),
	})
	register(Verb{
		Family:  "network",
		Name:    "deliver-message",
		Args:    []*Arg{argMessage},
		About:   "lets the message with this number in the trace arrive at once",
		Example: "deliver-message 1203",
		Began:   "message {message} arrived at once",
		Needs:   []sim.Power{sim.PowerMessage},
		Apply:   toMessage(func(m sim.Messenger, st sim.Statement) error { return m.DeliverMessage(uint64(st.Number)) }),
	})
}

// toMessage is how a statement about a message is carried out.
func toMessage(do func(sim.Messenger, sim.Statement) error) func(*Action) error {
	return func(a *Action) error {
		m, err := operator[sim.Messenger](a)
		if err != nil {
			return err
		}
		return do(m, a.Statement)
	}
}
