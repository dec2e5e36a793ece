package plots

import (
	"errors"
	"testing"

	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
)

func TestRecoveryNeedsABackup(t *testing.T) {
	f, err := FigureNamed("recovery")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Points(Read(plottest.Small())); !errors.Is(err, chart.ErrNothing) {
		t.Errorf("a run without backups gives %v", err)
	}
}
