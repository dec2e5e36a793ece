package pages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// played is a lesson with one step, played.
func played(t *testing.T) Played {
	t.Helper()
	l := &lessons.Lesson{
		ID: "1.2", Name: "sample", Title: "A <sample>", About: "One sees a sample.",
		Text: "# A sample\n\n- one\n- two\n<!-- step: count -->\nNow we count.\n<!-- after: count -->\nIt was **3**.\n<!-- " +
			"task: first -->\nDo it.\n<!-- end -->\nBye.\n",
		Steps: []lessons.LessonStep{{ID: "count", Title: "Counting", Misconception: "There are two.",
			Claims: []lessons.Claim{"n == 3"},
			Predictions: []lessons.Prediction{{ID: "how-many", Question: "How many?", Fact: "n", Why: "Three came.",
				Choices: []lessons.Choice{{Value: "2", Text: "a pair"}, {Value: "3", Text: "a crowd"}}}}}},
		Tasks:   []lessons.Task{{ID: "first", Title: "The first", File: "a.yaml", Start: []byte("run: 5s\n")}},
		Further: []lessons.Source{{Title: "A book", Where: "in the library"}},
	}
	o := &lessons.Observations{}
	o.Count("n", 3, "how many came")
	o.Measure("took", 1234, sim.Millis, "how long it took")
	o.Tables = []lessons.Table{{Name: "who", Title: "Who came", Head: []string{"name", "age"},
		Rows: [][]string{{"Anna, B.", "7"}}}}
	err := o.Draw(chart.Chart{Name: "ages", Title: "Ages", About: "One bar each.",
		Panels: []chart.Panel{chart.Bars{Names: []string{"Anna"}, Sets: []chart.BarSet{{Values: []float64{7}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := &lessons.PlayedStep{Step: &l.Steps[0], Observations: o,
		Findings: []lessons.Finding{l.Steps[0].Claims[0].Check(o)}}
	return Played{l, []*lessons.PlayedStep{r}}
}

func TestWhatALessonLeaves(t *testing.T) {
	dir, p := t.TempDir(), played(t)
	if err := Write(dir, p, "v1"); err != nil {
		t.Fatal(err)
	}
	for file, wants := range map[string][]string{
		"lesson.html": {"A &lt;sample&gt;", "<strong>3</strong>", "<li>one</li>", "<span class=\"was\">a crowd.</span>",
			"There are two.", "Anna, B.", "<svg role=\"img\" aria-label=\"Ages\"",
			"1.23s", "on this machine", "n is 3", "run: 5s", "quorumlab lesson check 1.2", "A book: in the library",
			"All results match"},
		"tables/count-who.csv":   {"name,age\n\"Anna, B.\",7\n"},
		"tables/count-facts.csv": {"n,3,,true,how many came\n", "took,1234,ms,false,how long it took\n"},
		"lesson.json":            {`"format": 1`, `"lesson": "1.2"`, `"n == 3"`},
		"figures/count-ages.svg": {"Ages"},
		"figures/count-ages.png": {"PNG"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
		}
		for _, w := range wants {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s does not have %q", file, w)
			}
		}
	}
	back, err := Read(dir, p.Lesson, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p.Results, back, cmpopts.IgnoreFields(lessons.PlayedStep{}, "Step")); d != "" {
		t.Errorf("what is read is not what was written: %s", d)
	}
	if older, err := Read(dir, p.Lesson, "v2"); err != nil || older != nil {
		t.Errorf("of another version: %v, %v", older, err)
	}
}

func TestIndex(t *testing.T) {
	p := played(t)
	p.Results[0].Findings[0].Holds = false
	got, err := Index([]Played{p}, "v1")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{`href="1.2-sample/lesson.html"`, "some results differ"} {
		if !strings.Contains(string(got), w) {
			t.Errorf("the index does not have %q", w)
		}
	}
}
