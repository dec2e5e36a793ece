package sandbox

import "errors"

// What is wrong with a name or a folder: a run.InputError wraps one of these, for who wants to say what would
// be right. Nothing was done then, and the same would fail again.
var (
	ErrNameTaken = errors.New("is already running")
	ErrInUse     = errors.New("is in use by another sandbox")
	ErrNotEmpty  = errors.New("is not empty")
	ErrNoData    = errors.New("holds no sandbox data")
)
