package helper

import (
	"errors"
	"testing"
)

// A program that does not call Main, as this test, would do its own work once more in each helper.
func TestProgramWithoutMainGetsNoHelper(t *testing.T) {
	if _, err := Command("member", "title"); !errors.Is(err, ErrNoMain) {
		t.Errorf("the error is %v, want %v", err, ErrNoMain)
	}
}
