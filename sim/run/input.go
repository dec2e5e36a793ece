package run

import "fmt"

// InputError is an error in what was asked for, like an impossible setting, not an error of the machine: for a
// command it is bad usage.
type InputError struct {
	Err  error
	Hint string // a line that says what to do, or that nothing was done; may be empty
}

func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *InputError) Unwrap() error { return e.Err }

// BadInput makes an InputError, as fmt.Errorf does.
func BadInput(hint, format string, args ...any) error {
	return &InputError{fmt.Errorf(format, args...), hint}
}
