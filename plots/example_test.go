package plots_test

import (
	"fmt"

	"quorumlab/plots"
)

// A new figure shows up here, in every report and in `quorumlab list figures` as
// soon as its file is there.
func ExampleFigures() {
	first := plots.Figures()[0]
	fmt.Println(first.Name+":", first.Title)
	// Output:
	// timeline: Who led, who followed, who was down
}
