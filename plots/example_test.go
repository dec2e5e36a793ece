package plots_test

import (
	"fmt"

	"quorumlab/plots"
)

// A new figure shows up here, in every report and in `quorumlab list figures` as
// soon as its file is there.
func ExampleFigures() {
	for _, f := range plots.Figures() {
		fmt.Printf("%-10s %s\n", f.Name, f.Title)
	}
	// Output:
	// timeline   Who led, who followed, who was down
	// access     Which client gets in, and where the others are stopped
	// commit     How far each member knows the log is committed
	// latency    How long each operation took
	// throughput How many operations a second were answered
	// answers    Which member answered the clients, and how
	// leaderless When the cluster had a leader, and when not
	// messages   Who sent what to whom, and when it arrived
	// quorum     Who could reach whom, and which side had a majority
}
