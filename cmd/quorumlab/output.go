package main

import (
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/plots/folders"
)

// wanted reads the value of --write.
func wanted(write []string) ([]string, error) {
	parts := folders.Parts()
	if len(write) == 1 && (write[0] == "all" || write[0] == "none") {
		return map[string][]string{"all": parts}[write[0]], nil
	}
	for _, w := range write {
		if w == "all" || w == "none" {
			return nil, badUsage("", "--write: %s stands alone; it can't be combined with other parts", w)
		}
		if !slices.Contains(parts, w) {
			return nil, badUsage("", "--write: unknown part %q%s", w,
				text.DidYouMeanOr(w, slices.Concat(parts, []string{"all", "none"}),
					"the parts are "+strings.Join(parts, ", ")+"; or write all or none"))
		}
	}
	return write, nil
}
