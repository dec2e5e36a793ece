package spool

import "math"

// mostInMemory has no bound in a browser, where there are no files: who runs something there bounds its events.
const mostInMemory = math.MaxInt
