package sandbox

import (
	"errors"
	"fmt"
)

// RequestError is a mistake in a request to a sandbox: nothing was done, and the same
// request would fail again.
type RequestError struct{ Err error }

func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap returns the mistake.
func (e *RequestError) Unwrap() error { return e.Err }

func badRequest(format string, args ...any) error {
	return &RequestError{fmt.Errorf(format, args...)}
}

// What a RequestError may wrap, for callers that want to suggest a remedy.
var (
	ErrNameTaken = errors.New("is already running")
	ErrInUse     = errors.New("is in use by another sandbox")
	ErrNotEmpty  = errors.New("is not empty")
	ErrNoData    = errors.New("holds no sandbox data")
)
