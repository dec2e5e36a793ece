package backupandrestore

import (
	"testing"

	"go.uber.org/goleak"

	"quorumlab/lessons/lessontest"
	"quorumlab/sim/etcdsim"
)

func TestMain(m *testing.M) {
	etcdsim.Main()
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) { lessontest.Whole(t, "40.4") }
