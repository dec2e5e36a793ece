package continuousarchiving

import (
	"testing"

	"quorumlab/lessons/lessontest"
)

func TestMain(m *testing.M) { lessontest.Main(m) }

func TestLesson(t *testing.T) {
	lessontest.Whole(t, Lesson())
}
