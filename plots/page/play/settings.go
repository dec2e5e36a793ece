package play

import (
	"strconv"

	"quorumlab/scenarios"
	"quorumlab/sim"
)

// GameSetting is a setting of the cluster that the page has a field for. Any other stands in the scenario's text.
type GameSetting struct {
	Path    string   `json:"path"` // in the scenario
	Label   string   `json:"label"`
	Value   string   `json:"value"`
	Choices []string `json:"choices"` // nil: any text that the scenario takes
}

// settings are the values that a scenario has, in the order in which they are shown.
func settings(s *sim.Scenario) []GameSetting {
	c := &s.Cluster
	yesNo := []string{"true", "false"}
	return []GameSetting{
		{"cluster.members", "Members", strconv.Itoa(len(c.Members)), []string{"1", "2", "3", "4", "5", "6", "7", "9"}},
		{"cluster.election", "Election timeout", c.Election.String(), nil},
		{"cluster.heartbeat", "Heartbeat", sim.FormatDuration(c.Heartbeat), nil},
		{"cluster.pre-vote", "Pre-vote", strconv.FormatBool(c.PreVote), yesNo},
		{"cluster.check-quorum", "Check-quorum", strconv.FormatBool(c.CheckQuorum), yesNo},
		{"cluster.network.latency", "Latency, one way", c.Network.Latency.String(), nil},
		{"cluster.disk.fsync", "Fsync", c.Disk.Fsync.String(), nil},
		{"seed", "Seed", strconv.FormatUint(s.Seed, 10), nil},
	}
}

// set is a scenario with settings changed, by their paths. Those that it has already change nothing, and those that
// the page has no field for are not known here.
func set(s *sim.Scenario, want map[string]string) (*sim.Scenario, error) {
	var changes []string
	for _, x := range settings(s) {
		if v, ok := want[x.Path]; ok && v != x.Value {
			changes = append(changes, x.Path+"="+v)
		}
	}
	if len(changes) == 0 {
		return s, nil
	}
	return scenarios.ParseWith("scenario", scenarios.Format(s), changes)
}
