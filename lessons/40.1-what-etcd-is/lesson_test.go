package whatetcdis

import (
	"testing"

	"go.uber.org/goleak"

	"quorumlab/lessons/lessontest"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }
