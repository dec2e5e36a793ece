package sandbox

import (
	"errors"
	"fmt"
)

// RequestError is a mistake in what a sandbox was asked for: nothing was done, and the
// same would fail again.
type RequestError struct{ Err error }

func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap is the mistake.
func (e *RequestError) Unwrap() error { return e.Err }

func badRequest(format string, args ...any) error {
	return &RequestError{fmt.Errorf(format, args...)}
}

// What a RequestError may wrap, for who wants to say what would be right.
var (
	ErrNameTaken = errors.New("is up already")
	ErrInUse     = errors.New("is in use by another sandbox")
	ErrNotEmpty  = errors.New("is not empty")
	ErrNoData    = errors.New("holds no sandbox")
)
