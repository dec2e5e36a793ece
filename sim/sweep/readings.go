package sweep

import (
	"encoding/json"
	"fmt"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// Readings are what is read off each trial. In a file each is its text.
type Readings []sim.Reading

// UnmarshalJSON reads a list of texts. An unknown measure is an error.
func (rs *Readings) UnmarshalJSON(b []byte) error {
	var texts []string
	if err := json.Unmarshal(b, &texts); err != nil {
		return err
	}
	*rs = nil
	for i, s := range texts {
		r, err := check.ParseReading(s)
		if err != nil {
			return fmt.Errorf("reading %d: %w", i+1, err)
		}
		*rs = append(*rs, r)
	}
	return nil
}
