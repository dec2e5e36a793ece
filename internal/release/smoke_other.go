//go:build !linux

package main

import (
	"context"
	"fmt"
	"io"
)

// inRoot is never so: this system has no namespaces.
func inRoot() bool { return false }

// runInEmptyRoot says that it can't be done here.
func (r *release) runInEmptyRoot(_ context.Context, w io.Writer) error {
	_, err := fmt.Fprintln(w, "not tried in an empty root: that takes Linux")
	return err
}
