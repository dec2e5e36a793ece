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
		if !slices.Contains(parts, w) {
			return nil, badUsage("", "--write: unknown part %q%s; the parts are %s, all and none", w,
				text.DidYouMean(w, parts), strings.Join(parts, ", "))
		}
	}
	return write, nil
}
