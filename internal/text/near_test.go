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
