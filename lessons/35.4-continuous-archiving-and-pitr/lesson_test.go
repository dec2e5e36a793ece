package continuousarchiving

import (
	"testing"

	"go.uber.org/goleak"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/lessons/lessontest"
)

func TestMain(m *testing.M) {
	helper.Main(map[string]helper.Duty{guard.Role: guard.Main})
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) {
	lessontest.Whole(t, Lesson())
}
