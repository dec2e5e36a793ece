// Package lessons holds the chapters' exercises, and runs and grades them.
//
//	Lesson ──▶ Step: predict ──▶ run ──▶ look (facts, tables, figures) ──▶ explain
//	       └─▶ Task: start ──▶ the learner's answer ──▶ Judge ──▶ marks, each with its reason
//
// A lesson is a folder here, named CHAPTER-WORDS, which is a package of its own and
// registers itself: its text (text.md, Markdown that also reads well on its own), its steps
// and tasks (lesson.go), the scenarios or the driver that they run, and the files of its
// tasks (task-NAME-start.yaml, task-NAME-model.yaml). Package lessons/all imports every
// folder; go generate ./lessons/all regenerates it, and a test checks that it is current.
//
// A step's run produces [Observations]: facts, tables and pictures. What must hold wherever
// and whenever it is run is in the step's claims: counts, codes, orders, and bounds so wide
// that any machine meets them. Wall times are facts that are shown, but never judged.
//
// Start reading at lesson.go, then run.go, then task.go; 40.1 is the example to follow.
package lessons
