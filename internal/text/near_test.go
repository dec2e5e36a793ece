package text

import "testing"

func TestDidYouMeanStaysSilentWhenNothingIsNear(t *testing.T) {
	for word, want := range map[string]string{"n7": "", "leadr": "leader", "lead": "leader", "xyz": "", "": ""} {
		got := DidYouMean(word, []string{"n1", "leader", "crash"})
		if want == "" && got != "" || want != "" && got != ` (did you mean "`+want+`"?)` {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// TestDidYouMeanKnowsSynonyms: a word from elsewhere is no misspelling of one of ours.
func TestDidYouMeanKnowsSynonyms(t *testing.T) {
	if got := DidYouMean("kill", []string{"fill", "crash"}); got != ` (did you mean "crash"?)` {
		t.Errorf("for kill: %s", got)
	}
	if got := DidYouMean("statue", []string{"", "state"}); got != ` (did you mean "state"?)` {
		t.Errorf("for statue, with an empty candidate: %s", got)
	}
}
